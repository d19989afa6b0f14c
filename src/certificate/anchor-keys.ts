import type { CertificateFacts } from './certificate-facts.ts';
import type { CertificationPath, SearchWork } from './certification-path.ts';
import { createWork, issuersAmong } from './certification-path.ts';
import type { PathRules } from './check-path.ts';
import { checkPath } from './check-path.ts';
import type { RevocationQuestion } from './revocation-lookup.ts';

/** The authorities of the CA file that stand behind a certificate. */
export interface Standing {
  /** As `spkiHash`: the nearest first, each once. */
  readonly keys: readonly string[];
  /** About further authorities, which the network was not asked about yet: not empty, the list of keys may be too long. */
  readonly questions: readonly RevocationQuestion[];
}

/**
 * The keys of the CA file that valid paths lead to, those beyond the anchors where they end included: a leaf of an intermediate that is
 * trusted belongs to the root above it too. How deep that is doesn't count. What is above an anchor is looked for in the CA file alone, and
 * with work of its own: whatever else a client sends can't hide an authority that a rule names.
 */
export function authoritiesBehind(paths: readonly CertificationPath[], rules: PathRules): Standing {
  const inFile = new Set(rules.bundle.anchors.map(({ sha256 }) => sha256));
  const distances = new Map<string, number>();
  const questions: RevocationQuestion[] = [];
  const anyDepth = { ...rules, maxVerifyDepth: 0 };
  const work = createWork();
  for (const path of paths)
    for (const { path: longer, asks } of [{ path, asks: [] }, ...continuations(path, anyDepth, work)]) {
      questions.push(...asks);
      for (const [distance, { sha256, spkiHash }] of longer.entries())
        if (inFile.has(sha256)) distances.set(spkiHash, Math.min(distance, distances.get(spkiHash) ?? Infinity));
    }
  return { keys: [...distances].toSorted(([, left], [, right]) => left - right).map(([key]) => key), questions };
}

interface Continuation {
  readonly path: CertificationPath;
  readonly asks: readonly RevocationQuestion[];
}

/** Every valid path to an anchor that begins like this one, through certificates of the CA file. */
function* continuations(path: CertificationPath, rules: PathRules, work: SearchWork): Generator<Continuation> {
  const anchors = new Set(rules.anchors.map(({ sha256 }) => sha256));
  const inFile: readonly CertificateFacts[] = rules.bundle.anchors.map(({ facts }) => facts);
  // Without its anchor, which may have a twin of the same key: a renewed one, or one that somebody else signed.
  const begun: CertificationPath[] = [path.length === 1 ? path : path.slice(0, -1)];
  for (const beginning of begun) {
    for (const issuer of issuersAmong(inFile, beginning, work)) {
      const longer = [...beginning, issuer];
      const finding = checkPath(longer, rules);
      // What is wrong with a path stays wrong above it.
      if (finding.kind === 'refused') continue;
      begun.push(longer);
      if (anchors.has(issuer.sha256)) yield { path: longer, asks: finding.kind === 'unasked' ? finding.questions : [] };
    }
    if (!work.goesOn(begun.length)) return;
  }
}
