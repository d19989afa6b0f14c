import type { Configuration, DiscoveryRequestOptions, UserInfoResponse } from 'openid-client';
import type { IdentityProviderSettings, ProviderKind } from '../config/settings.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import type { IdentityLog } from './identity.ts';
import { loadOpenidClient } from './load-openid-client.ts';
import { providerFailure } from './provider-failure.ts';
import { shareReads } from './share-reads.ts';

/** The provider as its discovery document describes it. Asked on first use only, so that Postern starts while the provider is down. */
export interface Provider {
  readonly scope: string;
  readonly kind: ProviderKind;
  readonly anyTenant: boolean;
  /** Further parameters of the request that begins a sign-in. */
  readonly requestParams: Readonly<Record<string, string>>;
  /** Read once for all who ask at the same time, kept for an hour; after a failure nobody tries again for five seconds. */
  configuration(): Promise<Configuration>;
  /**
   * The same, for whoever is about to be sent there: fails when the provider answered nothing within the last minute and does not
   * now, so that people read a page of ours and not an error of their browser.
   */
  reachable(): Promise<Configuration>;
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
const reachableMs = 60_000;
// A provider that comes back is not met by everybody who waits, and one that hangs is not asked by everybody who comes.
const quietMs = 5_000;
const timeoutSeconds = 10;
const clockToleranceSeconds = 60;

export function createProvider(options: ProviderOptions): Provider {
  const { settings, now, log } = options;
  const carry = shareReads(options.fetch ?? fetch);
  let known: { readonly configuration: Configuration; readonly readAt: number } | undefined;
  let failed: { readonly failure: ProxyFailure; readonly at: number } | undefined;
  let underWay: Promise<Configuration> | undefined;

  return {
    scope: settings.scopes.join(' '),
    kind: settings.kind,
    anyTenant: settings.anyTenant,
    requestParams: settings.requestParams,
    configuration,
    reachable,
    userInfo,
  };

  async function configuration(): Promise<Configuration> {
    try {
      return await readWithin(keepMs);
    } catch (error) {
      if (known === undefined) throw error;
      return known.configuration;
    }
  }

  async function reachable(): Promise<Configuration> {
    try {
      return await readWithin(reachableMs);
    } catch (error) {
      // A document that went wrong is for somebody to mend; people can sign in by the one before it as long as the provider is there.
      if (known === undefined || (error instanceof ProxyFailure && error.code === 'provider-unreachable')) throw error;
      return known.configuration;
    }
  }

  /** What was read less than `ageMs` ago, or is now. A clock that was set back makes nothing younger: the distance counts. */
  async function readWithin(ageMs: number): Promise<Configuration> {
    if (known !== undefined && Math.abs(now() - known.readAt) < ageMs) return known.configuration;
    if (failed !== undefined && Math.abs(now() - failed.at) < quietMs) throw failed.failure;
    underWay ??= discover().finally(() => (underWay = undefined));
    return underWay;
  }

  async function discover(): Promise<Configuration> {
    try {
      const found = await readConfiguration(settings, carry);
      // The keys of the provider are remembered by this object: one that says the same must not make them be asked for again.
      known = {
        configuration: known !== undefined && saysTheSame(known.configuration, found) ? known.configuration : found,
        readAt: now(),
      };
      failed = undefined;
      return known.configuration;
    } catch (error) {
      const failure = providerFailure('read the discovery document of the identity provider', error);
      failed = { failure, at: now() };
      if (known !== undefined)
        log.warn({ error: failure }, 'The identity provider could not be asked again; what is known of it stays in use');
      throw failure;
    }
  }

  async function userInfo(accessToken: string, userId: string): Promise<UserInfoResponse | undefined> {
    const found = await configuration();
    if (found.serverMetadata().userinfo_endpoint === undefined) return undefined;
    try {
      // The subject is compared: another person's answer must not be merged into this session (OpenID Connect Core 5.3.4).
      return await loadOpenidClient().fetchUserInfo(found, accessToken, userId);
    } catch (error) {
      log.warn(
        { error: providerFailure('read the user info', error) },
        'The user info could not be read; the claims of the ID token count alone',
      );
      return undefined;
    }
  }
}

async function readConfiguration(settings: IdentityProviderSettings, carry: typeof fetch): Promise<Configuration> {
  const { ClientSecretBasic, ClientSecretPost, allowInsecureRequests, clockTolerance, discovery, enableNonRepudiationChecks } =
    loadOpenidClient();
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
      ...fetchOption(carry),
    },
  );
  // The signature of the ID token is checked as well, not only the TLS connection that it came over.
  enableNonRepudiationChecks(found);
  return found;
}

function saysTheSame(known: Configuration, found: Configuration): boolean {
  return JSON.stringify(known.serverMetadata()) === JSON.stringify(found.serverMetadata());
}

/** The options bag is the one place from which discovery itself uses it as well. */
function fetchOption(carry: typeof fetch): DiscoveryRequestOptions {
  return {
    [loadOpenidClient().customFetch]: async (url, { method, headers, body, redirect, signal }) =>
      carry(url, { method, headers, redirect, ...(body == null ? {} : { body }), ...(signal === undefined ? {} : { signal }) }),
  };
}
