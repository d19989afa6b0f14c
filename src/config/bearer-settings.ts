/** What `Authorization: Bearer` means; `default`: nothing to Postern, it is the application's. */
export type BearerFormat = 'default' | 'idp_access_token' | 'idp_identity_token' | 'jwt';

/** Which bearer tokens say who is asking, on a route or on pages of our own. */
export interface BearerSettings {
  readonly format: BearerFormat;
  /** One of them has to be an audience of an access token of the identity provider. */
  readonly audiences: readonly string[];
  /** Names of the token issuers that count for `jwt`; undefined: all of them. */
  readonly issuers: readonly string[] | undefined;
}

/** Somebody besides the identity provider whose signed tokens count (`identity_providers`). */
export interface TokenIssuerSettings {
  readonly name: string;
  /** Compared with `iss` character by character, so it stays as written. */
  readonly issuer: string;
  /** Undefined: the discovery document of the issuer names it. */
  readonly jwksUrl: URL | undefined;
  readonly algorithms: readonly SignatureAlgorithm[];
  /** One of them has to be in `aud`. */
  readonly audiences: readonly string[];
}

/** Signatures that nobody can make with what verifies them (RFC 7518, RFC 8037, RFC 9864). */
export type SignatureAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519';
