import { rememberTokens, tokensOf } from './build-session.ts';
import type { LiveSession } from './live-session.ts';
import type { ClaimValue, Person } from './person.ts';
import { createTextBook } from './text-book.ts';

/** Sessions as one short text each. What is made of a text again says the same, by another person object. */
export interface SessionPacker {
  /** `readAt`: when its record was read. */
  readonly pack: (session: LiveSession, readAt: number) => string;
  /** `id`: whose text it is. */
  readonly unpack: (id: string, text: string) => { readonly session: LiveSession; readonly readAt: number };
}

/** A text is written as itself or as its number in the book. */
type PackedText = string | number;
/** A number in a list, to be told from that of a text. */
type PackedValue = PackedText | boolean | null | readonly [number];
type PackedClaim = readonly [name: PackedText, ...values: PackedValue[]];
/** True: what the claim says that is named like it. */
type Told = string | true | null;

type Packed = readonly [
  times: readonly [readAt: number, expiresAt: number, refreshableUntil: number | null],
  who: readonly [userId: Told, email: Told, name: Told, amr: readonly string[] | null, isByCertificate: boolean],
  tokens: readonly [accessToken: string, idToken: string] | null,
  ...claims: PackedClaim[],
];

// Some 50,000 texts. The people of an organisation have most of their claims and groups in common.
const bookLimits = { bytes: 8 * 2 ** 20, candidates: 4_000 };

export function createSessionPacker(): SessionPacker {
  const book = createTextBook(bookLimits);

  return {
    pack({ userId, expiresAt, person, refreshableUntil = null, isByCertificate }, readAt) {
      const { claims, email, name, amr = null } = person;
      const packed: Packed = [
        [readAt, expiresAt, refreshableUntil],
        [told(userId, claims, 'sub'), told(email, claims, 'email'), told(name, claims, 'name'), amr, isByCertificate],
        packTokens(person),
        ...packClaims(userId, claims),
      ];
      return narrow(JSON.stringify(packed));
    },
    unpack(id, text) {
      // Written by `pack`, and never out of our hands.
      const [[readAt, expiresAt, refreshableUntil], who, tokens, ...packedClaims] = JSON.parse(text) as Packed;
      const claims = unpackClaims(packedClaims);
      const [toldId, toldEmail, toldName, amr, isByCertificate] = who;
      const userId = heard(toldId, claims, 'sub') ?? '';
      const [email, name] = [heard(toldEmail, claims, 'email'), heard(toldName, claims, 'name')];
      const person: Person = { id: userId, email, name, claims, sessionId: id, expiresAt, ...(amr === null ? {} : { amr }) };
      if (tokens !== null) rememberTokens(person, { accessToken: tokens[0], idToken: tokens[1] });
      return { session: { id, userId, expiresAt, person, refreshableUntil: refreshableUntil ?? undefined, isByCertificate }, readAt };
    },
  };

  function packClaims(whose: string, claims: Person['claims']): readonly PackedClaim[] {
    return Array.from(claims, ([name, values]) => [packText(whose, name), ...values.map((value) => packValue(whose, value))]);
  }

  function packValue(whose: string, value: ClaimValue): PackedValue {
    if (typeof value === 'number') return [value];
    return typeof value === 'string' ? packText(whose, value) : value;
  }

  function packText(whose: string, text: string): PackedText {
    return book.numberOf(text, whose) ?? text;
  }

  function unpackClaims(packed: readonly PackedClaim[]): Person['claims'] {
    return new Map(packed.map(([name, ...values]) => [unpackText(name), values.map(unpackValue)]));
  }

  function unpackValue(packed: PackedValue): ClaimValue {
    if (typeof packed === 'string' || typeof packed === 'number') return unpackText(packed);
    return typeof packed === 'boolean' || packed === null ? packed : packed[0];
  }

  function unpackText(packed: PackedText): string {
    return typeof packed === 'number' ? book.textOf(packed) : packed;
  }
}

function packTokens(person: Person): Packed[2] {
  const { accessToken, idToken } = tokensOf(person);
  return accessToken === '' && idToken === '' ? null : [accessToken, idToken];
}

function told(value: string | undefined, claims: Person['claims'], claim: string): Told {
  return value !== undefined && claims.get(claim)?.[0] === value ? true : (value ?? null);
}

function heard(value: Told, claims: Person['claims'], claim: string): string | undefined {
  if (value !== true) return value ?? undefined;
  const said = claims.get(claim)?.[0];
  return typeof said === 'string' ? said : undefined;
}

/** Outside of Latin-1 everything is escaped: one such letter in a name would double the memory that the whole text takes. */
function narrow(json: string): string {
  const escaped = json.replace(/[\u0100-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  // What V8 makes of a wide text is wide, whatever is in it.
  return escaped === json ? json : Buffer.from(escaped, 'latin1').toString('latin1');
}
