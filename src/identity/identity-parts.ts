import { createHash } from 'node:crypto';
import type { AuthenticateSettings, IdentityProviderSettings } from '../config/settings.ts';
import type { Authority } from '../http/hostname.ts';
import type { BrowserBinding } from './browser-binding.ts';
import { createBrowserBinding } from './browser-binding.ts';
import type { CertificateLinks } from './certificate-links.ts';
import { createCertificateLinks } from './certificate-links.ts';
import type { GuardedStore } from './guard-store.ts';
import { guardStore } from './guard-store.ts';
import type { IdentityLog, IdentityOptions, SignInResult } from './identity.ts';
import type { Provider } from './provider.ts';
import { createProvider } from './provider.ts';
import type { Sealer } from './sealer.ts';
import { createSealer } from './sealer.ts';
import type { SecretList } from './secrets.ts';
import type { SessionCache } from './session-cache.ts';
import { createSessionCache } from './session-cache.ts';
import type { SessionCookie } from './session-cookie.ts';
import { createSessionCookie } from './session-cookie.ts';
import type { SessionRecords } from './session-records.ts';
import { createSessionRecords } from './session-records.ts';

/** What finding, refreshing and ending a session takes. */
export interface SessionServices {
  readonly now: () => number;
  readonly log: IdentityLog;
  readonly store: GuardedStore;
  readonly records: SessionRecords;
  readonly links: CertificateLinks;
  readonly cache: SessionCache;
  readonly cookie: SessionCookie;
}

/** What of the options it takes. */
export type SessionOptions = Pick<
  IdentityOptions,
  'store' | 'now' | 'log' | 'cookie' | 'secrets' | 'authenticate' | 'provider' | 'handsOutTokens'
>;

/** What signing in takes beyond that; it exists only where a provider is configured. */
export interface SignInServices extends SessionServices {
  readonly authenticate: AuthenticateSettings;
  readonly provider: Provider;
  readonly sessionMs: number;
  readonly isRouteHost: (authority: Authority) => boolean;
  /** Signs URLs with Pomerium's scheme. */
  readonly urlKeys: SecretList;
  readonly stateSealer: Sealer;
  readonly handOverSealer: Sealer;
  /** At route hosts. */
  readonly routeBrowser: BrowserBinding;
  /** At the authenticate host. */
  readonly browser: BrowserBinding;
  readonly restartCookieName: string;
  readonly onSignIn: (result: SignInResult) => void;
}

/** What signing in with a certificate takes beyond that. */
export interface CertificateSignInServices extends SignInServices {
  readonly certificateUrl: URL;
  readonly certificateSealer: Sealer;
}

export function createSessionServices(options: SessionOptions): SessionServices {
  const { store, now, log, cookie, secrets, authenticate, provider, handsOutTokens = false } = options;
  const guarded = guardStore(store);
  const links = createCertificateLinks({ store: guarded, sealer: createSealer(secrets.shared, 'certificate link'), now, provider });
  const records = createSessionRecords(guarded, createSealer(secrets.shared, `session record ${markOf(provider)}`), links);
  return {
    now,
    log,
    store: guarded,
    records,
    links,
    cache: createSessionCache(records, { now, longestMs: cookie.expireMs, keepsTokens: handsOutTokens }),
    cookie: createSessionCookie({
      settings: cookie,
      authenticateHost: authenticate?.hostname,
      sealer: createSealer(secrets.shared, 'session cookie'),
      authenticateSealer: createSealer(secrets.cookie, 'authenticate cookie'),
      now,
    }),
  };
}

/** Undefined when nobody can sign in. */
export function createSignInServices(options: IdentityOptions, sessions: SessionServices): SignInServices | undefined {
  const { authenticate, provider, cookie, secrets, now, log, isRouteHost } = options;
  if (authenticate === undefined || provider === undefined) return undefined;
  return {
    ...sessions,
    authenticate,
    provider: createProvider({ settings: provider, now, log, fetch: options.fetch }),
    sessionMs: cookie.expireMs,
    isRouteHost,
    urlKeys: secrets.shared,
    stateSealer: createSealer(secrets.cookie, 'sign-in state'),
    handOverSealer: createSealer(secrets.shared, 'hand-over'),
    routeBrowser: createBrowserBinding(`${cookie.name}_browser`, secrets.shared),
    browser: createBrowserBinding(`${cookie.name}_authenticate_browser`, secrets.cookie),
    restartCookieName: `${cookie.name}_restart`,
    onSignIn: options.onSignIn ?? ((): void => undefined),
  };
}

/** Undefined where nobody signs in with a certificate. */
export function createCertificateSignIn(
  { certificateSignIn, signInWithCertificate = false, secrets }: IdentityOptions,
  services: SignInServices | undefined,
): CertificateSignInServices | undefined {
  if (services === undefined || certificateSignIn === undefined || !signInWithCertificate) return undefined;
  return { ...services, certificateUrl: certificateSignIn.url, certificateSealer: createSealer(secrets.shared, 'certificate sign-in') };
}

/**
 * Sessions belong to who vouched for them. After another provider was configured they can't be read: its people are others, by the same
 * names, and it must not be sent the refresh tokens of the one before it.
 */
function markOf(provider: IdentityProviderSettings | undefined): string {
  if (provider === undefined) return 'of nobody';
  const { kind, issuer, clientId } = provider;
  return createHash('sha256')
    .update(JSON.stringify([kind, issuer.href, clientId]))
    .digest('base64url');
}
