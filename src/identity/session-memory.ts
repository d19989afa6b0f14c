import { createBoundedMap } from './bounded-map.ts';
import { tokensOf } from './build-session.ts';
import type { LiveSession } from './live-session.ts';
import { createSessionPacker } from './pack-session.ts';
import type { ClaimValue } from './person.ts';

/** A session, or that there is none, as it was when its record was read. */
export interface KnownSession {
  readonly session: LiveSession | undefined;
  /** Milliseconds since 1970. */
  readonly readAt: number;
  /** Of which it was made again, and from which it differs in nothing. */
  readonly text?: string | undefined;
}

/** What this process holds of sessions, by their ids. */
export interface SessionMemory {
  get(id: string): KnownSession | undefined;
  set(id: string, known: KnownSession): void;
  delete(id: string): void;
}

export interface SessionMemoryLimits {
  /** Of the sessions that are asked about most, in bytes, by estimate. */
  readonly readyBytes: number;
  /** Of all others. */
  readonly packedBytes: number;
}

/**
 * Sessions that are asked about often are there as they are used; the others as a text, of which they are made again without asking
 * anybody, in some microseconds. So a hundred thousand take up the memory of some thousands. Each is in one of the two places.
 */
export function createSessionMemory({ readyBytes, packedBytes }: SessionMemoryLimits): SessionMemory {
  const { pack, unpack } = createSessionPacker();
  const packed = createBoundedMap<string, string>(packedBytes, ({ length }) => packedOverhead + length);
  const ready = createBoundedMap<string, KnownSession>(readyBytes, weightOf, (id, { session, readAt, text }) => {
    // That there is none is not worth a text.
    if (session !== undefined) packed.set(id, text ?? pack(session, readAt));
  });

  return {
    get: (id) => ready.get(id) ?? unpackAgain(id),
    set(id, known) {
      packed.delete(id);
      ready.set(id, known);
    },
    delete(id) {
      packed.delete(id);
      ready.delete(id);
    },
  };

  function unpackAgain(id: string): KnownSession | undefined {
    const text = packed.get(id);
    if (text === undefined) return undefined;
    const known = { ...unpack(id, text), text };
    packed.delete(id);
    ready.set(id, known);
    return known;
  }
}

// About how many bytes something takes up, by measurement: the entry, the id and the place in the map of a text; the objects of a session
// that is ready; each of its claims and their values.
const packedOverhead = 220;
const readyOverhead = 700;
const claimOverhead = 100;
const valueOverhead = 32;
const absentBytes = 300;

function weightOf({ session, text = '' }: KnownSession): number {
  if (session === undefined) return absentBytes;
  const { accessToken, idToken } = tokensOf(session.person);
  let weight = readyOverhead + accessToken.length + idToken.length + text.length;
  for (const [name, values] of session.person.claims) {
    weight += claimOverhead + name.length;
    for (const value of values) weight += valueOverhead + lengthOf(value);
  }
  return weight;
}

function lengthOf(value: ClaimValue): number {
  return typeof value === 'string' ? value.length : 0;
}
