import type { PresentedCertificate } from '../http/connection.ts';
import { maxChain } from './certification-path.ts';
import type { CertificateVerdict } from './verdict.ts';

/** A verdict and the milliseconds, both included, between which it can't come out differently. */
export interface JudgedUntil {
  readonly verdict: CertificateVerdict;
  readonly from: number;
  readonly until: number;
}

export interface JudgedCase {
  readonly presented: Extract<PresentedCertificate, { kind: 'presented' }>;
  /** Authorities, depth, revocation lists, names: all that a verdict depends on besides bytes and time. */
  readonly trustId: string;
  readonly at: number;
}

/**
 * The verdict of `judge`, or the one it gave for the same bytes under the same rules where the time allows. A verdict that
 * outlives its certificate, or the revocation list that it relied on, is a hole, so time is part of what is asked for (Pomerium's cache has none).
 */
export function rememberedVerdict(asked: JudgedCase, judge: () => JudgedUntil): CertificateVerdict {
  const known = byConnection.get(asked.presented)?.find((entry) => fits(entry, asked));
  if (known !== undefined) return known.verdict;
  const entry = { ...recall(asked, judge), trustId: asked.trustId };
  const others = byConnection.get(asked.presented)?.filter(({ until }) => until >= asked.at) ?? [];
  byConnection.set(asked.presented, [entry, ...others].slice(0, maxPerConnection));
  return entry.verdict;
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

function fits(entry: Entry, { trustId, at }: JudgedCase): boolean {
  return entry.trustId === trustId && at >= entry.from && at <= entry.until;
}

function recall(asked: JudgedCase, judge: () => JudgedUntil): JudgedUntil {
  const { presented, trustId, at } = asked;
  // Order belongs to the key: it doesn't change the verdict, but the key is cheaper without sorting.
  const prints = [presented.leaf, ...presented.chain.slice(0, maxChain)].map(({ fingerprint256 }) => fingerprint256);
  const key = [trustId, ...prints].join(' ');
  const known = byBytes.get(key);
  byBytes.delete(key);
  const judged = known !== undefined && at >= known.from && at <= known.until ? known : judge();
  if (judged.verdict.kind === 'valid') byBytes.set(key, judged);
  const oldest = byBytes.keys().next();
  if (byBytes.size > maxByBytes && oldest.done !== true) byBytes.delete(oldest.value);
  return judged;
}
