import type { RevocationSettings } from '../config/revocation-settings.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import type { CertificateTrust, RevocationRules } from './certificate-trust.ts';
import type { CertificationPath } from './certification-path.ts';
import { isSignedBy } from './certification-path.ts';
import type { IssuedCrl } from './crl-bundle.ts';
import { issuerKey } from './crl-bundle.ts';
import type { RevocationLookup, RevocationQuestion } from './revocation-lookup.ts';

/** What the sources said of the certificates of a path. */
export type RevocationFinding =
  /** `until` in milliseconds since 1970, included: when a list that had a say ends to count; Infinity without one. */
  | { readonly kind: 'passed'; readonly until: number }
  | { readonly kind: 'refused'; readonly detail: 'revoked' | 'crl-expired' | 'revocation-unknown'; readonly explanation: string }
  /** Nothing speaks against it so far, and the network was not asked yet. */
  | { readonly kind: 'unasked'; readonly questions: readonly RevocationQuestion[] };

/** Absent rules mean this: no source on the network. */
export const listsInFiles: RevocationSettings = {
  mode: 'ignore_ca_error',
  sources: ['crl_file'],
  check: 'leaf',
  staleGraceMs: 0,
  timeoutMs: 3_000,
  cacheTtlMs: 3_600_000,
  allowedHosts: [],
};

/**
 * Whether a path that is valid otherwise was taken back, by the sources of the rules. A refusal that is certain already comes before
 * questions to the network. `at` in milliseconds since 1970.
 */
export function checkRevocation(path: CertificationPath, trust: CertificateTrust, at: number): RevocationFinding {
  const rules = trust.revocation ?? { settings: listsInFiles, network: undefined };
  if (rules.settings.mode === 'skip') return { kind: 'passed', until: Infinity };
  const findings = subjectsOf(path, trust, rules).map((subject) => standing(subject, trust, rules, at));
  const refused = findings.find(({ kind }) => kind === 'refused');
  if (refused !== undefined) return refused;
  const questions = findings.flatMap((finding) => (finding.kind === 'unasked' ? finding.questions : []));
  if (questions.length > 0) return { kind: 'unasked', questions };
  return { kind: 'passed', until: Math.min(...findings.map((finding) => (finding.kind === 'passed' ? finding.until : Infinity))) };
}

/** The last moment at which a list counts, its grace included; milliseconds since 1970. */
export function countsUntil({ nextUpdate }: IssuedCrl, rules: RevocationRules | undefined): number {
  return nextUpdate + (rules?.settings.staleGraceMs ?? 0);
}

interface Subject {
  readonly certificate: CertificateFacts;
  /** Undefined: nobody here. */
  readonly issuer: CertificateFacts | undefined;
}

/** Whose standing counts. The anchor's own doesn't: whoever distrusts it takes it out of the CA file. */
function subjectsOf(path: CertificationPath, trust: CertificateTrust, { settings }: RevocationRules): readonly Subject[] {
  const [leaf, issuer] = path;
  if (leaf === undefined) return [];
  if (issuer === undefined) return [{ certificate: leaf, issuer: issuerBeside(leaf, trust) }];
  const below = settings.check === 'chain' ? path.slice(0, -1) : [leaf];
  return below.map((certificate, index) => ({ certificate, issuer: path[index + 1] }));
}

/** A leaf that is itself in the CA file has no issuer on its path, and its authority may have taken it back all the same. */
function issuerBeside(leaf: CertificateFacts, { crls, bundle }: CertificateTrust): CertificateFacts | undefined {
  const others = bundle.anchors.map(({ facts }) => facts).filter(({ sha256 }) => sha256 !== leaf.sha256);
  const candidates = [...(crls?.lists ?? []).map(({ authority }) => authority), ...others];
  return candidates.find((authority) => leaf.issuerCanonical === authority.subjectCanonical && isSignedBy(leaf, authority));
}

function standing({ certificate, issuer }: Subject, trust: CertificateTrust, rules: RevocationRules, at: number): RevocationFinding {
  const { settings, network } = rules;
  const list = issuer === undefined ? undefined : listOf(issuer, trust);
  const refused = list === undefined ? undefined : refusedBy(list, certificate, rules, at);
  if (refused !== undefined) return refused;
  const cleared = { kind: 'passed', until: list === undefined ? Infinity : countsUntil(list, rules) } as const;
  const said: string[] = [];
  if (issuer === undefined) said.push('the authority that issued it is not known here');
  else
    for (const source of settings.sources) {
      if (source === 'crl_file' && list !== undefined) return cleared;
      const answer = source === 'crl_file' ? noListOf(issuer) : askNetwork({ certificate, issuer }, { source, network, at });
      if (typeof answer !== 'string') return answer.kind === 'passed' ? cleared : answer;
      said.push(answer);
    }
  if (settings.mode !== 'strict') return cleared;
  const explanation = `nobody could say that "${certificate.subject}" was not revoked: ${said.join('; ') || 'there is no source'}`;
  return { kind: 'refused', detail: 'revocation-unknown', explanation };
}

interface NetworkSource {
  readonly source: 'crl_distribution_points' | 'ocsp';
  /** Undefined: the network is not asked, as in `explain`. */
  readonly network: RevocationLookup | undefined;
  readonly at: number;
}

/** What is known from one source on the network already. A text tells why the source said nothing that counts: ask the next one. */
function askNetwork(question: RevocationQuestion, { source, network, at }: NetworkSource): RevocationFinding | string {
  const status = network?.statusOf(question, source, at);
  const { subject } = question.certificate;
  switch (status?.kind) {
    case undefined:
      return `${source}: the network is not asked here`;
    case 'unasked':
      return { kind: 'unasked', questions: [question] };
    case 'no-source':
      return source === 'ocsp' ? 'it names no OCSP responder that may be asked' : 'it names no distribution point that may be asked';
    case 'unreachable':
      return `${status.source}: ${status.explanation}`;
    case 'good':
      return { kind: 'passed', until: Infinity };
    case 'revoked':
      return { kind: 'refused', detail: 'revoked', explanation: `"${subject}" was revoked, says ${status.source}` };
    case 'unknown':
      return { kind: 'refused', detail: 'revocation-unknown', explanation: `"${subject}" is not known to ${status.source}` };
  }
}

/** The list of an authority, found by key and name. */
function listOf(issuer: CertificateFacts, { crls }: CertificateTrust): IssuedCrl | undefined {
  return crls?.lists.find(({ authority }) => issuerKey(authority) === issuerKey(issuer));
}

function noListOf({ subject }: CertificateFacts): string {
  return `no file has a revocation list of "${subject}"`;
}

/**
 * What a list in a file speaks against, whatever the order of the sources: an authority that revoked something once doesn't unsay it because
 * a responder has not heard of it. Of a list that should have been replaced nobody knows what it would say now.
 */
function refusedBy(list: IssuedCrl, { subject, serial, serialKey }: CertificateFacts, rules: RevocationRules, at: number) {
  const stale = rules.settings.sources.includes('crl_file') ? outOfForce(list, rules, at) : undefined;
  if (stale !== undefined) return { kind: 'refused', detail: 'crl-expired', explanation: stale } as const;
  if (!list.serials.has(serialKey)) return undefined;
  return {
    kind: 'refused',
    detail: 'revoked',
    explanation: `"${subject}" (serial number ${serial}) was revoked by "${list.issuer}"`,
  } as const;
}

function outOfForce(list: IssuedCrl, rules: RevocationRules, at: number): string | undefined {
  const { issuer, thisUpdate, nextUpdate } = list;
  if (at < thisUpdate) return `the revocation list of "${issuer}" does not count before ${new Date(thisUpdate).toISOString()}`;
  if (at <= countsUntil(list, rules)) return undefined;
  return `the revocation list of "${issuer}" was due to be replaced at ${new Date(nextUpdate).toISOString()}`;
}
