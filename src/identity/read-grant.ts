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
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What counted until now: whatever a refresh does not say again stays as it was. */
  readonly before?: Grant;
}

/** What a checked answer of the token endpoint says. */
export function readGrant(
  tokens: TokenEndpointResponse & TokenEndpointResponseHelpers,
  { userInfo, at, before = nothing }: GrantContext,
): Grant {
  const expiresIn = tokens.expiresIn();
  return {
    idTokenClaims: tokens.claims() ?? before.idTokenClaims,
    userInfo: userInfo ?? before.userInfo,
    accessToken: tokens.access_token,
    idToken: tokens.id_token ?? before.idToken,
    refreshToken: tokens.refresh_token ?? before.refreshToken,
    accessExpiresAt: expiresIn === undefined ? undefined : at + expiresIn * 1000,
  };
}
