import type { PresentedCertificate } from '../http/connection.ts';
import { authoritiesBehind } from './anchor-keys.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { certificateFacts } from './certificate-facts.ts';
import type { CertificateTrust } from './certificate-trust.ts';
import type { CertificationPath, PathSearch } from './certification-path.ts';
import { maxChain, searchPaths } from './certification-path.ts';
import type { PathProblem, PathRules } from './check-path.ts';
import { checkPath } from './check-path.ts';
import { leafFacts } from './leaf-facts.ts';
import { policiesGranted } from './policies-granted.ts';
import { countsUntil } from './revocation.ts';
import type { RevocationQuestion } from './revocation-lookup.ts';
import type { CertificateVerdict } from './verdict.ts';
import type { JudgedUntil } from './verdict-memory.ts';
import { recordAnswers, rememberedVerdict } from './verdict-memory.ts';

/**
 * Judges what a connection presented against the authorities of one route, by RFC 5280 section 6 and the rules of docs/client-certificates.md. The TLS
 * layer's own verdict is not looked at: it is over another set of authorities, and stale after a resumption. A certificate is
 * valid when some path is; a verdict is remembered until a date on which it could change, or an answer of the network does. It waits for
 * nobody: what the network was not asked yet is told in the verdict. `at` in milliseconds since 1970.
 */
export function judgeCertificate(presented: PresentedCertificate, trust: CertificateTrust | undefined, at: number): CertificateVerdict {
  if (trust === undefined) return { kind: 'no-authority' };
  if (presented.kind === 'none') return { kind: 'none' };
  return rememberedVerdict({ presented, trustId: trust.id, network: trust.revocation?.network, at }, () => judge(presented, trust, at));
}

type Presented = Extract<PresentedCertificate, { kind: 'presented' }>;

function judge(presented: Presented, trust: CertificateTrust, at: number): JudgedUntil {
  const leaf = certificateFacts(presented.leaf);
  if (leaf === undefined) return { verdict: unreadableLeaf, from: -Infinity, until: Infinity, answers: [] };
  // What can't be read can't lead anywhere either; only the leaf has to be readable.
  const chain = presented.chain
    .slice(0, maxChain)
    .map(certificateFacts)
    .filter((facts) => facts !== undefined);
  const recorded = recordAnswers(trust);
  const verdict = judgeLeaf(leaf, chain, { ...recorded.trust, at });
  const certificates = [leaf, ...chain, ...trust.bundle.anchors.map(({ facts }) => facts)];
  const spans = certificates.map(({ notBefore, notAfter }): Span => ({ from: notBefore, until: notAfter }));
  const lists = (trust.crls?.lists ?? []).map((list): Span => ({ from: list.thisUpdate, until: countsUntil(list, trust.revocation) }));
  return { verdict, ...unchangedAround(at, [...spans, ...lists]), answers: recorded.answers() };
}

const unreadableLeaf: CertificateVerdict = {
  kind: 'invalid',
  detail: 'unreadable',
  explanation: 'the certificate cannot be read by the rules of DER and RFC 5280',
  leaf: undefined,
};

interface Judged {
  readonly path: CertificationPath;
  readonly until: number;
}

function judgeLeaf(leaf: CertificateFacts, chain: readonly CertificateFacts[], rules: PathRules): CertificateVerdict {
  // Those of the CA file first: a client that sends too much loses its own certificates, not the operator's.
  const search = searchPaths({ leaf, intermediates: [...rules.intermediates, ...chain], anchors: rules.anchors });
  const valid: Judged[] = [];
  const unasked: { readonly path: CertificationPath; readonly questions: readonly RevocationQuestion[] }[] = [];
  let best: PathProblem | undefined;
  for (const path of search.paths) {
    // The depth counts to the nearest anchor: once one is near enough, others may be behind it.
    const finding = checkPath(path, valid.length === 0 ? rules : { ...rules, maxVerifyDepth: 0 });
    if (finding.kind === 'passed') valid.push({ path, until: finding.until });
    else if (finding.kind === 'unasked') unasked.push({ path, questions: finding.questions });
    else if (best === undefined || finding.passed > best.passed) best = finding;
  }
  const [nearest] = valid;
  if (nearest !== undefined) return validVerdict(leaf, nearest, valid, rules);
  const [promising] = unasked;
  if (promising !== undefined) {
    // All questions at once: the walk waits once.
    return unaskedVerdict(leaf, [...promising.questions, ...authoritiesBehind([promising.path], rules).questions]);
  }
  const { detail, explanation } = best ?? { detail: 'unknown-ca' as const, explanation: explainNoPath(leaf, search, rules) };
  return { kind: 'invalid', detail, explanation, leaf: leafFacts(leaf) };
}

function validVerdict(leaf: CertificateFacts, { path, until }: Judged, valid: readonly Judged[], rules: PathRules): CertificateVerdict {
  const behind = authoritiesBehind(
    valid.map((each) => each.path),
    rules,
  );
  if (behind.questions.length > 0) return unaskedVerdict(leaf, behind.questions);
  return {
    kind: 'valid',
    leaf: { ...leafFacts(leaf), policyOids: policiesGranted(path) },
    anchorSha256: (path.at(-1) ?? leaf).sha256,
    anchorKeys: behind.keys,
    validUntil: until,
  };
}

/** Until the network answered it is refused: nothing that nobody was asked about gets in. */
function unaskedVerdict(leaf: CertificateFacts, questions: readonly RevocationQuestion[]): CertificateVerdict {
  const once = new Map(questions.map((question) => [`${question.certificate.sha256} ${question.issuer.sha256}`, question]));
  const unasked = [...once.values()];
  const subjects = unasked.map(({ certificate }) => `"${certificate.subject}"`).join(' and ');
  const explanation = `nobody was asked yet whether ${subjects} was revoked`;
  return { kind: 'invalid', detail: 'revocation-unknown', explanation, leaf: leafFacts(leaf), unasked };
}

function explainNoPath(leaf: CertificateFacts, search: PathSearch, { bundle, anchors }: PathRules): string {
  const stop = search.stoppedAt();
  if (stop.kind === 'too-much-work') return `the chain sent with "${leaf.subject}" offers more paths than are searched`;
  const { last } = stop;
  const isNamesake = ({ subjectCanonical }: CertificateFacts): boolean => subjectCanonical === last.issuerCanonical;
  if (anchors.some(isNamesake))
    return `"${last.subject}" was not signed by the key of the authority "${last.issuer}" that is trusted here, only the name is the same`;
  const notSent = `"${last.issuer}", which issued "${last.subject}", is not trusted here and its own issuer was not sent`;
  const isPartial = bundle.anchors.some(({ sha256 }) => sha256 === last.sha256);
  return isPartial ? `"${last.subject}" is trusted to lead to a self-signed authority only (allow_partial_chain), and ${notSent}` : notSent;
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
