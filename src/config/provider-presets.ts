import type { ProviderKind } from './settings.ts';

/** What a kind of provider means where the configuration does not say otherwise. */
export interface ProviderPreset {
  /** The issuer; undefined: every customer has one of their own. */
  readonly url: string | undefined;
  readonly scopes: readonly string[];
  readonly requestParams: Readonly<Record<string, string>>;
}

// `offline_access` asks for a refresh token (OpenID Connect Core section 11); where it is missing the provider refuses it.
const withRefresh = ['openid', 'profile', 'email', 'offline_access'];
const withoutRefresh = ['openid', 'profile', 'email'];

const plain: ProviderPreset = { url: undefined, scopes: withRefresh, requestParams: {} };

/** The defaults of Pomerium, provider by provider. */
export const providerPresets: Readonly<Record<ProviderKind, ProviderPreset>> = {
  oidc: plain,
  auth0: plain,
  azure: {
    url: 'https://login.microsoftonline.com/common/v2.0',
    scopes: withRefresh,
    requestParams: { prompt: 'select_account' },
  },
  cognito: { url: undefined, scopes: withoutRefresh, requestParams: {} },
  gitlab: { url: 'https://gitlab.com', scopes: withoutRefresh, requestParams: {} },
  google: {
    url: 'https://accounts.google.com',
    scopes: withoutRefresh,
    // The refresh token comes by a parameter instead, and again only after consent.
    requestParams: { access_type: 'offline', prompt: 'select_account consent' },
  },
  okta: plain,
  onelogin: { url: undefined, scopes: ['openid', 'profile', 'email', 'groups', 'offline_access'], requestParams: {} },
  ping: plain,
};
