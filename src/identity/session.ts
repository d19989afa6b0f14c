import type { Person } from './person.ts';

/** What the provider said last about somebody, and what is needed to ask it again. */
export interface Grant {
  readonly idTokenClaims: Readonly<Record<string, unknown>>;
  readonly userInfo: Readonly<Record<string, unknown>>;
  /** For upstreams that a route gives it to (`${pomerium.access_token}`). */
  readonly accessToken: string | undefined;
  /** For such upstreams too, and a hint for the provider at sign-out. */
  readonly idToken: string | undefined;
  readonly refreshToken: string | undefined;
  /** Milliseconds since 1970; undefined when the provider did not say. */
  readonly accessExpiresAt: number | undefined;
  /** The certificate that somebody signed in with; absent where the provider vouches for them. */
  readonly certificate?: {
    /** SHA-256 of the DER, lower hex. */
    readonly fingerprint: string;
    /** Whether it is linked to the account: then the session lasts no longer than the link. */
    readonly isLinked: boolean;
  };
}

export interface Session {
  readonly id: string;
  /** What the provider calls the person for good: its `sub`, at Azure its `oid`. */
  readonly userId: string;
  /** Milliseconds since 1970; nothing prolongs it. */
  readonly expiresAt: number;
  readonly grant: Grant;
  /** Made from the grant; one object for as long as nothing changes, so that others may remember things by it. */
  readonly person: Person;
}
