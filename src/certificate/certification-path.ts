import type { CertificateFacts } from './certificate-facts.ts';
import { isCostlyKey } from './key-strength.ts';

/** From the leaf to an anchor, each signed by the next; the leaf alone where it is itself an anchor. */
export type CertificationPath = readonly CertificateFacts[];

export interface PathSearch {
  /** The paths found, nearest anchor first. Taking no more than needed saves the signature checks of the rest. */
  readonly paths: Iterable<CertificationPath>;
  /** After the last path: where the search ended without one. */
  stoppedAt(): SearchStop;
}

/** The certificate furthest from the leaf whose issuer was not found, or the limit that ended the search. */
export type SearchStop = { readonly kind: 'no-issuer'; readonly last: CertificateFacts } | { readonly kind: 'too-much-work' };

// A client may send what it likes, so the search is bounded: certificates looked at, signatures checked, paths begun.

/** How many of the certificates sent with a leaf are looked at, the first ones. */
export const maxChain: number = 16;
const maxSignatureChecks = 64;
const maxPartialPaths = 128;

/** Where a search begins, and what it goes through and to. */
export interface PathPlan {
  readonly leaf: CertificateFacts;
  /** In any order and with strangers among them: the first ones have the best chance where the work is too much. */
  readonly intermediates: readonly CertificateFacts[];
  readonly anchors: readonly CertificateFacts[];
}

/**
 * Searches breadth first through the intermediates to any anchor. A name only proposes an issuer; the signature decides, because
 * two authorities may share one name (Keycloak #52801).
 */
export function searchPaths({ leaf, intermediates, anchors }: PathPlan): PathSearch {
  const others = uniqueOthers(leaf, intermediates);
  const work = createWork();
  let stop: SearchStop = { kind: 'no-issuer', last: leaf };

  function* search(): Generator<CertificationPath> {
    // No weaker than a leaf below it: whoever holds an anchor's key could have signed one. It must still be fit for a handshake.
    const itself = anchors.find(({ sha256 }) => sha256 === leaf.sha256);
    if (itself !== undefined) yield [itself];
    const begun: CertificationPath[] = [[leaf]];
    for (const path of begun) {
      for (const anchor of issuersAmong(anchors, path, work)) yield [...path, anchor];
      for (const issuer of issuersAmong(others, path, work)) {
        begun.push([...path, issuer]);
        stop = { kind: 'no-issuer', last: issuer };
      }
      if (!work.goesOn(begun.length)) {
        stop = { kind: 'too-much-work' };
        return;
      }
    }
  }
  return { paths: search(), stoppedAt: () => stop };
}

function uniqueOthers(leaf: CertificateFacts, chain: readonly CertificateFacts[]): readonly CertificateFacts[] {
  const others = new Map(chain.map((facts) => [facts.sha256, facts]));
  others.delete(leaf.sha256);
  return [...others.values()];
}

/** Those whose key signed the last certificate of the path, and which are not on it yet. */
export function* issuersAmong(
  candidates: readonly CertificateFacts[],
  path: CertificationPath,
  work: SearchWork,
): Generator<CertificateFacts> {
  const last = path.at(-1);
  if (last === undefined) return;
  for (const issuer of candidates) if (!isIn(path, issuer) && work.isSigned(last, issuer)) yield issuer;
}

function isIn(path: CertificationPath, facts: CertificateFacts): boolean {
  return path.some(({ sha256 }) => sha256 === facts.sha256);
}

/** What a search may spend. */
export interface SearchWork {
  /** Whether names and signature fit; false when no more signatures may be checked. */
  isSigned(subject: CertificateFacts, issuer: CertificateFacts): boolean;
  goesOn(pathsBegun: number): boolean;
}

/** Enough for every honest chain. */
export function createWork(): SearchWork {
  const answers = new Map<string, boolean>();
  return {
    isSigned(subject, issuer) {
      if (subject.issuerCanonical !== issuer.subjectCanonical) return false;
      const pair = `${subject.sha256} ${issuer.sha256}`;
      const known = answers.get(pair);
      if (known !== undefined || answers.size >= maxSignatureChecks) return known ?? false;
      const answer = isSignedBy(subject, issuer);
      answers.set(pair, answer);
      return answer;
    },
    goesOn: (pathsBegun) => pathsBegun <= maxPartialPaths && answers.size < maxSignatureChecks,
  };
}

/** Whether the key of `issuer` made the signature of `subject`; names are not compared. */
export function isSignedBy(subject: CertificateFacts, issuer: CertificateFacts): boolean {
  if (issuer.publicKey === undefined || isCostlyKey(issuer.publicKey)) return false;
  try {
    return subject.certificate.verify(issuer.publicKey);
  } catch {
    // A key that can't check this kind of signature did not make it.
    return false;
  }
}

/** Whether it bears its own issuer's name and the signature of its own key. */
export function isSelfSigned(facts: CertificateFacts): boolean {
  return facts.subjectCanonical === facts.issuerCanonical && isSignedBy(facts, facts);
}
