/** A claim value once the token is flattened; nested objects have become dotted names. */
export type ClaimValue = string | number | boolean | null;

/** Who is asking: a person signed in at the provider (later also: mapped from a certificate). */
export interface Person {
  /** The provider's `sub`. */
  readonly id: string;
  readonly email: string | undefined;
  readonly name: string | undefined;
  /** Flattened with dots, every value a list. `groups` is one of them. */
  readonly claims: ReadonlyMap<string, readonly ClaimValue[]>;
  /** Undefined for somebody `explain` made up. */
  readonly sessionId: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}
