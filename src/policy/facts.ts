import type { CertificateVerdict } from '../certificate/verdict.ts';

export type ClaimValue = string | number | boolean | null;

/** Flattened with dots; every value is a list: `{address: {city: "x"}}` is `address.city` = `["x"]`. */
export type Claims = ReadonlyMap<string, readonly ClaimValue[]>;

/** What a policy may know of the person who asks. */
export interface PersonFacts {
  readonly id: string;
  readonly email: string | undefined;
  readonly claims: Claims;
}

/** Everything a decision looks at. The time is a fact like the others: a policy reads no clock and does no I/O. */
export interface Facts {
  readonly method: string;
  /** Canonical, without the query. */
  readonly path: string;
  readonly sourceIp: string;
  /** A browser asks whether a script may send its request: `OPTIONS` with `Origin` and `Access-Control-Request-Method`. */
  readonly corsPreflight: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly person: PersonFacts | undefined;
  readonly certificate: CertificateVerdict;
}
