/** A claim value once the token is flattened; nested objects have become dotted names. */
export type ClaimValue = string | number | boolean | null;

/** Who is asking: a person signed in at the provider, or the holder of a certificate that a rule maps. */
export interface Person {
  /** The provider's `sub`; of a certificate that signs in by itself `certificate/<rule>/<value>`. */
  readonly id: string;
  readonly email: string | undefined;
  readonly name: string | undefined;
  /** Flattened with dots, every value a list. `groups` is one of them. */
  readonly claims: ReadonlyMap<string, readonly ClaimValue[]>;
  /** Undefined for somebody whom a certificate stands for, or whom `explain` made up. */
  readonly sessionId: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** How the person was authenticated, where a certificate had a part in it (RFC 8176). */
  readonly amr?: readonly string[];
  /** The certificate that is part of who is asking: base64url of its SHA-256 (RFC 8705 section 3.1). */
  readonly certificateThumbprint?: string;
}
