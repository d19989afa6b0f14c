import type { PresentedCertificate } from '../http/connection.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { certificateFacts } from './certificate-facts.ts';
import type { CertificateTrust } from './certificate-trust.ts';
import type { PathSearch } from './certification-path.ts';
import { maxChain, searchPaths } from './certification-path.ts';
import type { PathProblem } from './check-path.ts';
import { checkPath } from './check-path.ts';
import type { GeneralName } from './general-name.ts';
import { listFor } from './revocation.ts';
import type { CertificateVerdict, LeafFacts } from './verdict.ts';
import type { JudgedUntil } from './verdict-memory.ts';
import { rememberedVerdict } from './verdict-memory.ts';

/**
 * Judges what a connection presented against the authorities of one route, by RFC 5280 section 6 and the rules of docs/client-certificates.md. The TLS
 * layer's own verdict is not looked at: it is over another set of authorities, and stale after a resumption. A certificate is
 * valid when some path is; a verdict is remembered until a date on which it could change. `at` in milliseconds since 1970.
 */
export function judgeCertificate(presented: PresentedCertificate, trust: CertificateTrust | undefined, at: number): CertificateVerdict {
  if (trust === undefined) return { kind: 'no-authority' };
  if (presented.kind === 'none') return { kind: 'none' };
  return rememberedVerdict({ presented, trustId: trust.id, at }, () => judge(presented, trust, at));
}

type Presented = Extract<PresentedCertificate, { kind: 'presented' }>;

function judge(presented: Presented, trust: CertificateTrust, at: number): JudgedUntil {
  const leaf = certificateFacts(presented.leaf);
  if (leaf === undefined) return { verdict: unreadableLeaf, from: -Infinity, until: Infinity };
  // What can't be read can't lead anywhere either; only the leaf has to be readable.
  const chain = presented.chain
    .slice(0, maxChain)
    .map(certificateFacts)
    .filter((facts) => facts !== undefined);
  const verdict = judgeLeaf(leaf, chain, trust, at);
  const certificates = [leaf, ...chain, ...trust.bundle.anchors.map(({ facts }) => facts)];
  const spans = certificates.map(({ notBefore, notAfter }): Span => ({ from: notBefore, until: notAfter }));
  const lists = trust.crls?.lists ?? [];
  return {
    verdict,
    ...unchangedAround(at, [...spans, ...lists.map(({ thisUpdate, nextUpdate }) => ({ from: thisUpdate, until: nextUpdate }))]),
  };
}

const unreadableLeaf: CertificateVerdict = {
  kind: 'invalid',
  detail: 'unreadable',
  explanation: 'the certificate cannot be read by the rules of DER and RFC 5280',
  leaf: undefined,
};

function judgeLeaf(leaf: CertificateFacts, chain: readonly CertificateFacts[], trust: CertificateTrust, at: number): CertificateVerdict {
  const search = searchPaths(leaf, chain, trust.bundle.anchors);
  let best: PathProblem | undefined;
  for (const path of search.paths) {
    const problem = checkPath(path, { ...trust, at });
    if (problem === undefined) {
      const anchor = path.at(-1) ?? leaf;
      const validUntil = Math.min(...path.map(({ notAfter }) => notAfter), listFor(path, trust.crls)?.nextUpdate ?? Infinity);
      return { kind: 'valid', leaf: leafFacts(leaf), anchorSha256: anchor.sha256, anchorKeys: [anchor.spkiHash], validUntil };
    }
    if (best === undefined || problem.passed > best.passed) best = problem;
  }
  const { detail, explanation } = best ?? { detail: 'unknown-ca' as const, explanation: explainNoPath(leaf, search, trust) };
  return { kind: 'invalid', detail, explanation, leaf: leafFacts(leaf) };
}

function explainNoPath(leaf: CertificateFacts, search: PathSearch, { bundle }: CertificateTrust): string {
  const stop = search.stoppedAt();
  if (stop.kind === 'too-much-work') return `the chain sent with "${leaf.subject}" offers more paths than are searched`;
  const { last } = stop;
  const namesake = bundle.anchors.some(({ facts }) => facts.subjectCanonical === last.issuerCanonical);
  return namesake
    ? `"${last.subject}" was not signed by the key of the authority "${last.issuer}" that is trusted here, only the name is the same`
    : `"${last.issuer}", which issued "${last.subject}", is not trusted here and its own issuer was not sent`;
}

function leafFacts(facts: CertificateFacts): LeafFacts {
  const texts = (kind: 'dns' | 'email' | 'uri'): readonly string[] =>
    facts.alternativeNames.filter((name): name is Extract<GeneralName, { text: string }> => name.kind === kind).map(({ text }) => text);
  return {
    fingerprint: facts.sha256,
    spkiHash: facts.spkiHash,
    subject: facts.subject,
    issuer: facts.issuer,
    serial: facts.serial,
    notAfter: facts.notAfter,
    commonNames: [],
    organizations: [],
    organizationalUnits: [],
    subjectEmails: [],
    hasAlternativeNames: facts.alternativeNames.length > 0,
    sanUpn: [],
    policyOids: [],
    sanDns: texts('dns'),
    sanEmail: texts('email'),
    sanUri: texts('uri'),
  };
}

/** Milliseconds since 1970, both included, in which a certificate or a revocation list counts. */
interface Span {
  readonly from: number;
  readonly until: number;
}

/** The time around `at` in which nothing that had a say begins or ends to count, and so the verdict can't change either. */
function unchangedAround(at: number, spans: readonly Span[]): Span {
  let from = -Infinity;
  let until = Infinity;
  for (const span of spans) {
    // The first millisecond of counting, and the first of not doing so any more.
    for (const change of [span.from, span.until + 1]) {
      if (change <= at) from = Math.max(from, change);
      else until = Math.min(until, change - 1);
    }
  }
  return { from, until };
}
