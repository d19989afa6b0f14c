import type { PresentedCertificate } from '../http/connection.ts';
import type { CertificateTrust } from './certificate-trust.ts';
import { maxChain } from './certification-path.ts';
import type { RevocationLookup, RevocationQuestion, RevocationStatus } from './revocation-lookup.ts';
import type { CertificateVerdict } from './verdict.ts';

/** A verdict, the milliseconds, both included, between which it can't come out differently, and the answers it rests on. */
export interface JudgedUntil {
  readonly verdict: CertificateVerdict;
  readonly from: number;
  readonly until: number;
  readonly answers: readonly Answer[];
}

/** What a source on the network said: as long as it says the very same, the verdict stands. */
export interface Answer {
  readonly question: RevocationQuestion;
  readonly source: 'crl_distribution_points' | 'ocsp';
  readonly status: RevocationStatus;
}

export interface JudgedCase {
  readonly presented: Extract<PresentedCertificate, { kind: 'presented' }>;
  /** Authorities, depth, revocation lists, names: all that a verdict depends on besides bytes, time and the network. */
  readonly trustId: string;
  readonly network: RevocationLookup | undefined;
  readonly at: number;
}

/**
 * The verdict of `judge`, or the one it gave for the same bytes under the same rules where the time allows and the network says what it
 * said then. A verdict that outlives its certificate, or the revocation list that it relied on, is a hole, so time is part of what is asked for
 * (Pomerium's cache has none). One that waits for the network stands for as long as nobody was asked.
 */
export function rememberedVerdict(asked: JudgedCase, judge: () => JudgedUntil): CertificateVerdict {
  const known = byConnection.get(asked.presented)?.find((entry) => entry.trustId === asked.trustId && stands(entry, asked));
  if (known !== undefined) return known.verdict;
  const entry = { ...recall(asked, judge), trustId: asked.trustId };
  const others = byConnection.get(asked.presented)?.filter(({ until }) => until >= asked.at) ?? [];
  byConnection.set(asked.presented, [entry, ...others].slice(0, maxPerConnection));
  return entry.verdict;
}

/** The same trust, with a network whose every answer is kept: each question is answered once. */
export function recordAnswers(trust: CertificateTrust): { readonly trust: CertificateTrust; answers(): readonly Answer[] } {
  const { revocation } = trust;
  const network = revocation?.network;
  if (revocation === undefined || network === undefined) return { trust, answers: () => [] };
  const answers = new Map<string, Answer>();
  const recording: RevocationLookup = {
    statusOf(question, source, at) {
      const key = `${source} ${question.certificate.sha256} ${question.issuer.sha256}`;
      const answer = answers.get(key) ?? { question, source, status: network.statusOf(question, source, at) };
      answers.set(key, answer);
      return answer.status;
    },
    ask: (question) => network.ask(question),
  };
  return { trust: { ...trust, revocation: { ...revocation, network: recording } }, answers: () => [...answers.values()] };
}

interface Entry extends JudgedUntil {
  readonly trustId: string;
}

// One connection asks again and again about the same few routes. A reload brings new rules: the old ones fall off the end.
const maxPerConnection = 16;
const byConnection = new WeakMap<PresentedCertificate, readonly Entry[]>();

// New connections mostly bring certificates seen before. Only valid ones are kept for them: what anybody can make up at will
// must not fill the memory.
const maxByBytes = 1000;
const byBytes = new Map<string, JudgedUntil>();

function stands({ from, until, answers }: JudgedUntil, { network, at }: JudgedCase): boolean {
  if (at < from || at > until) return false;
  return answers.every(({ question, source, status }) => network?.statusOf(question, source, at) === status);
}

function recall(asked: JudgedCase, judge: () => JudgedUntil): JudgedUntil {
  const { presented, trustId } = asked;
  // Order belongs to the key: it doesn't change the verdict, but the key is cheaper without sorting.
  const prints = [presented.leaf, ...presented.chain.slice(0, maxChain)].map(({ fingerprint256 }) => fingerprint256);
  const key = [trustId, ...prints].join(' ');
  const known = byBytes.get(key);
  byBytes.delete(key);
  const judged = known !== undefined && stands(known, asked) ? known : judge();
  if (judged.verdict.kind === 'valid') byBytes.set(key, judged);
  const oldest = byBytes.keys().next();
  if (byBytes.size > maxByBytes && oldest.done !== true) byBytes.delete(oldest.value);
  return judged;
}
