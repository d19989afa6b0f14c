import type { Configuration, DiscoveryRequestOptions, UserInfoResponse } from 'openid-client';
import {
  ClientSecretBasic,
  ClientSecretPost,
  allowInsecureRequests,
  clockTolerance,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
} from 'openid-client';
import type { IdentityProviderSettings, ProviderKind } from '../config/settings.ts';
import type { IdentityLog } from './identity.ts';
import { providerFailure } from './provider-failure.ts';

/** The provider as its discovery document describes it. Asked on first use only, so that Postern starts while the provider is down. */
export interface Provider {
  readonly scope: string;
  readonly kind: ProviderKind;
  readonly anyTenant: boolean;
  /** Further parameters of the request that begins a sign-in. */
  readonly requestParams: Readonly<Record<string, string>>;
  /** Read once for all who ask at the same time, kept for an hour; after a failure the next caller tries again. */
  configuration(): Promise<Configuration>;
  /** Undefined when the provider has no user-info endpoint or it did not answer: what the ID token says is enough to go on. */
  userInfo(accessToken: string, userId: string): Promise<UserInfoResponse | undefined>;
}

export interface ProviderOptions {
  readonly settings: IdentityProviderSettings;
  readonly now: () => number;
  readonly log: IdentityLog;
  readonly fetch: typeof fetch | undefined;
}

const keepMs = 3_600_000;
const timeoutSeconds = 10;
const clockToleranceSeconds = 60;

export function createProvider(options: ProviderOptions): Provider {
  const { settings, now, log } = options;
  let known: { readonly configuration: Configuration; readonly readAt: number } | undefined;
  let underWay: Promise<Configuration> | undefined;

  return {
    scope: settings.scopes.join(' '),
    kind: settings.kind,
    anyTenant: settings.anyTenant,
    requestParams: settings.requestParams,
    configuration,
    userInfo,
  };

  async function configuration(): Promise<Configuration> {
    if (known !== undefined && Math.abs(now() - known.readAt) < keepMs) return known.configuration;
    underWay ??= discover().finally(() => (underWay = undefined));
    return underWay;
  }

  async function discover(): Promise<Configuration> {
    try {
      const found = await readConfiguration(options);
      known = { configuration: found, readAt: now() };
      return found;
    } catch (error) {
      const failure = providerFailure('read the discovery document of the identity provider', error);
      if (known === undefined) throw failure;
      log.warn({ error: failure }, 'The identity provider could not be asked again; what is known of it stays in use');
      known = { ...known, readAt: now() };
      return known.configuration;
    }
  }

  async function userInfo(accessToken: string, userId: string): Promise<UserInfoResponse | undefined> {
    const found = await configuration();
    if (found.serverMetadata().userinfo_endpoint === undefined) return undefined;
    try {
      // The subject is compared: another person's answer must not be merged into this session (OpenID Connect Core 5.3.4).
      return await fetchUserInfo(found, accessToken, userId);
    } catch (error) {
      log.warn(
        { error: providerFailure('read the user info', error) },
        'The user info could not be read; the claims of the ID token count alone',
      );
      return undefined;
    }
  }
}

async function readConfiguration({ settings, fetch: injected }: ProviderOptions): Promise<Configuration> {
  const secret = settings.clientSecret.reveal();
  const found = await discovery(
    settings.issuer,
    settings.clientId,
    { [clockTolerance]: clockToleranceSeconds },
    (server, client, body, headers) => {
      // Basic is what counts when the document does not say (OpenID Connect Discovery 1.0 section 3).
      const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
      const authenticate = methods.includes('client_secret_basic') ? ClientSecretBasic(secret) : ClientSecretPost(secret);
      return authenticate(server, client, body, headers);
    },
    {
      timeout: timeoutSeconds,
      // Only ever for the loopback addresses to which the configuration restricts http issuers.
      execute: settings.issuer.protocol === 'http:' ? [allowInsecureRequests] : [],
      ...fetchOption(injected),
    },
  );
  // The signature of the ID token is checked as well, not only the TLS connection that it came over.
  enableNonRepudiationChecks(found);
  return found;
}

/** The options bag is the one place from which discovery itself uses it as well. */
function fetchOption(injected: typeof fetch | undefined): DiscoveryRequestOptions {
  if (injected === undefined) return {};
  return {
    [customFetch]: async (url, { method, headers, body, redirect, signal }) =>
      injected(url, { method, headers, redirect, ...(body == null ? {} : { body }), ...(signal === undefined ? {} : { signal }) }),
  };
}
