import type { TokenEndpointResponse, TokenEndpointResponseHelpers, UserInfoResponse } from 'openid-client';
import type { Grant } from './session.ts';

const nothing: Grant = {
  idTokenClaims: {},
  userInfo: {},
  accessToken: undefined,
  idToken: undefined,
  refreshToken: undefined,
  accessExpiresAt: undefined,
};

export interface GrantContext {
  /** Undefined when it could not be read. */
  readonly userInfo: UserInfoResponse | undefined;
  /** Whether the tenants of the provider are anybody's: then an e-mail address counts only where the provider proved who owns its domain. */
  readonly anyTenant: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What counted until now: whatever a refresh does not say again stays as it was. */
  readonly before?: Grant;
}

/** What a checked answer of the token endpoint says. */
export function readGrant(
  tokens: TokenEndpointResponse & TokenEndpointResponseHelpers,
  { userInfo, at, anyTenant, before = nothing }: GrantContext,
): Grant {
  const expiresIn = tokens.expiresIn();
  const claims = tokens.claims() ?? before.idTokenClaims;
  const proof = anyTenant ? emailProof(claims) : {};
  return {
    idTokenClaims: { ...claims, ...proof },
    userInfo: { ...(userInfo ?? before.userInfo), ...proof },
    accessToken: tokens.access_token,
    idToken: tokens.id_token ?? before.idToken,
    refreshToken: tokens.refresh_token ?? before.refreshToken,
    accessExpiresAt: expiresIn === undefined ? undefined : at + expiresIn * 1000,
  };
}

/**
 * A tenant's administrator can give any account the address of somebody else, and Azure sends no `email_verified`; only the
 * optional claim `xms_edov` says that the tenant owns the domain of the address ("nOAuth", 2023).
 */
function emailProof({ xms_edov: proven }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { email_verified: proven === true || proven === 1 || proven === '1' || proven === 'true' };
}
