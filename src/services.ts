import { createHash } from 'node:crypto';
import type { SettingPath } from './config/problem.ts';
import type { Settings } from './config/settings.ts';
import type { HostPattern } from './http/host-table.ts';
import { isWildcard, matchesHostPattern } from './http/host-table.ts';
import type { Authority } from './http/hostname.ts';
import type { Identity } from './identity/create-identity.ts';
import { createIdentity } from './identity/create-identity.ts';
import type { Secrets } from './identity/secrets.ts';
import { revealSecrets } from './identity/secrets.ts';
import type { SigningKeys } from './identity/signing-keys.ts';
import { readSigningKeys } from './identity/signing-keys.ts';
import type { Log } from './observe/log.ts';
import type { Metrics } from './observe/metrics.ts';
import type { RevocationService } from './revocation/revocation-service.ts';
import type { SharedResource, SharedResources } from './shared-resources.ts';
import type { Store } from './store/store.ts';
import { createOutgoingFetch } from './upstream/outgoing-fetch.ts';
import { parseHeaderTemplate } from './upstream/header-template.ts';
import type { TrustedRoots } from './upstream/upstream-tls.ts';
import type { TokenName } from './upstream/vouched.ts';

/** What outlives every snapshot: opened once by `serve`, and made up by the commands that only look. */
export interface SnapshotServices {
  readonly now: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly store: Store;
  /** Used where the configuration gives none. */
  readonly secrets: Secrets;
  /** The self-signed pair for names that no certificate of the configuration covers. */
  readonly fallbackCertificate: { readonly certificatePem: string; readonly keyPem: string };
  readonly resources: SharedResources;
  /** What authorities say on the network of certificates. */
  readonly revocation: RevocationService;
  /** Carries requests to the provider; undefined: this program's own. */
  readonly fetch?: typeof fetch;
}

/** Only where somebody can sign in: nobody else has a session to lose. */
export function sessionsEndWithProcess({ identityProvider, stateDirectory, sharedSecrets, cookie }: Settings): boolean {
  return identityProvider !== undefined && stateDirectory === undefined && (sharedSecrets.length === 0 || cookie.secrets.length === 0);
}

export type AcquiredIdentity =
  | { readonly ok: true; readonly identity: SharedResource<Identity> }
  | { readonly ok: false; readonly path: SettingPath; readonly message: string };

/** The identity of these settings: the one in use when nothing about it changed, so that a reload forgets no warm session. */
export async function acquireIdentity(settings: Settings, services: SnapshotServices, roots: TrustedRoots): Promise<AcquiredIdentity> {
  const secrets = effectiveSecrets(settings, services.secrets);
  const pem = settings.signingKey?.reveal();
  const signing = await readSigningKeys(pem === undefined ? { sharedSecrets: secrets.shared } : { pem });
  if (!signing.ok) return { ok: false, path: pem?.path ?? [], message: signing.message };
  const isRouteHost = routeHosts(settings);
  const identity = services.resources.acquire(identityKey(settings, secrets, signing.keys, roots), () =>
    createIdentity({
      store: services.store,
      now: services.now,
      log: services.log,
      authenticate: settings.authenticate,
      provider: settings.identityProvider,
      cookie: settings.cookie,
      secrets,
      signingKeys: signing.keys,
      claimHeaders: settings.jwtClaimsHeaders,
      signOutRedirectUrl: settings.signOutRedirectUrl,
      redirectHosts: settings.programmaticRedirectDomains,
      tokenIssuers: settings.tokenIssuers,
      certificateSignIn: settings.certificateSignIn,
      signInWithCertificate: settings.signInWithCertificate,
      isRouteHost: (authority) => isCertificateHost(settings, authority) || isRouteHost(authority),
      fetch: services.fetch ?? createOutgoingFetch({ roots }),
      onSignIn: (result) => services.metrics.signIn(result),
      handsOutTokens: handsOutTokens(settings),
    }),
  );
  return { ok: true, identity };
}

/** Everything the identity is made of, the hosts included that a sign-in may return to. Hashed, because secrets are part of it. */
function identityKey(settings: Settings, secrets: Secrets, keys: SigningKeys, roots: TrustedRoots): string {
  const { authenticate, identityProvider, cookie, jwtClaimsHeaders, routes } = settings;
  const parts = [
    authenticate?.url.href,
    identityProvider,
    identityProvider?.clientSecret.reveal(),
    cookie,
    secrets.shared.map((secret) => secret.toString('base64')),
    secrets.cookie.map((secret) => secret.toString('base64')),
    keys.jwks.etag,
    jwtClaimsHeaders,
    settings.signOutRedirectUrl?.href,
    settings.programmaticRedirectDomains,
    settings.tokenIssuers,
    settings.certificateSignIn?.url.href,
    settings.signInWithCertificate,
    roots,
    distinctHosts(routes),
    handsOutTokens(settings),
  ];
  return `identity ${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`;
}

/** Whether a route gives its upstream the tokens of the provider: only then are they remembered with the sessions in use. */
function handsOutTokens({ routes }: Pick<Settings, 'routes'>): boolean {
  return routes.some(({ setRequestHeaders }) =>
    setRequestHeaders.some(([, value]) => parseHeaderTemplate(value).some((part) => part.kind === 'token' && isOfProvider(part.name))),
  );
}

function isOfProvider(name: TokenName): boolean {
  return name === 'access_token' || name === 'id_token';
}

function effectiveSecrets(settings: Settings, made: Secrets): Secrets {
  return { shared: revealSecrets(settings.sharedSecrets) ?? made.shared, cookie: revealSecrets(settings.cookie.secrets) ?? made.cookie };
}

/** A session is handed over to it as to the host of a route. */
function isCertificateHost({ certificateSignIn }: Pick<Settings, 'certificateSignIn'>, { hostname, port }: Authority): boolean {
  if (certificateSignIn === undefined || hostname !== certificateSignIn.hostname) return false;
  return certificateSignIn.url.port === '' || Number(certificateSignIn.url.port) === port;
}

/** Thousands of routes have a few hosts between them; of many hosts, only patterns are gone through one by one. */
function routeHosts({ routes }: Pick<Settings, 'routes'>): (authority: Authority) => boolean {
  const hosts = distinctHosts(routes);
  const names = new Set(hosts.filter(({ host }) => !isWildcard(host)).map(({ host, port }) => `${host}:${port ?? '*'}`));
  const patterns = hosts.filter(({ host }) => isWildcard(host));
  return ({ hostname, port }) =>
    names.has(`${hostname}:*`) ||
    (port !== undefined && names.has(`${hostname}:${port}`)) ||
    patterns.some((pattern) => (pattern.port === undefined || pattern.port === port) && matchesHostPattern(pattern.host, hostname));
}

interface RouteHost {
  readonly host: HostPattern;
  readonly port: number | undefined;
}

/** In the order of the configuration. */
function distinctHosts(routes: Settings['routes']): readonly RouteHost[] {
  return [...new Map(routes.map(({ host, port }) => [`${host}:${port ?? '*'}`, { host, port }] as const)).values()];
}
