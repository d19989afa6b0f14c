import type { Grant } from './session.ts';

/** What a bearer token turned out to say. */
export interface VerifiedToken {
  readonly userId: string;
  readonly grant: Grant;
  /** Whom it was made out to; a route may ask for one of them. */
  readonly audiences: readonly string[];
  /** The name of its issuer among `identity_providers`; undefined for the identity provider. */
  readonly issuer: string | undefined;
  /** Milliseconds since 1970; Infinity when nobody said. */
  readonly expiresAt: number;
}

/** To be filled with what a token says. */
export const noGrant: Grant = Object.freeze({
  idTokenClaims: {},
  userInfo: {},
  accessToken: undefined,
  idToken: undefined,
  refreshToken: undefined,
  accessExpiresAt: undefined,
});

/** `aud` is a text or a list of them (RFC 7519 section 4.1.3). */
export function audiencesOf(audience: unknown): readonly string[] {
  return (Array.isArray(audience) ? audience : [audience]).filter((each) => typeof each === 'string');
}
