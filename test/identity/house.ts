import { randomBytes } from 'node:crypto';
import { Secret } from '../../src/config/secret.ts';
import type { CookieSettings } from '../../src/config/settings.ts';
import { parseHostname } from '../../src/http/hostname.ts';
import type { Identity, IdentityOptions, IdentityOutcome } from '../../src/identity/create-identity.ts';
import { createIdentity } from '../../src/identity/create-identity.ts';
import { readSigningKeys } from '../../src/identity/signing-keys.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { Browser } from './browser.ts';
import { client } from './provider-server.ts';

export const authenticate = 'https://auth.example.com';
export const app = 'https://app.example.com';
export const other = 'https://other.example.com:8443';
const routeHosts: ReadonlySet<string> = new Set(['app.example.com', 'other.example.com:8443']);

export const cookieSettings: CookieSettings = {
  name: '_pomerium',
  secrets: [],
  domain: undefined,
  httpOnly: true,
  sameSite: undefined,
  expireMs: 14 * 3_600_000,
};

export interface House extends AsyncDisposable {
  readonly identity: Identity;
  readonly store: Store;
  readonly clock: { now: number };
  readonly results: string[];
  readonly lines: { readonly level: string; readonly fields: Readonly<Record<string, unknown>>; readonly message: string }[];
  /** Another process with the same configuration and store. */
  readonly twin: (changes?: Partial<IdentityOptions>) => Identity;
}

// Derived once: the keys that sign assertions are no part of what a house is opened to show.
const keys = await readSigningKeys({ sharedSecrets: [randomBytes(32)] });

/** An identity room with a memory store, a clock to turn, and two route hosts. */
export function openHouse(issuer: URL, changes: Partial<IdentityOptions> = {}): House {
  const clock = { now: Date.now() };
  const results: string[] = [];
  const lines: House['lines'] = [];
  const store = openMemoryStore({ now: () => clock.now });
  const secrets: IdentityOptions['secrets'] = { shared: [randomBytes(32)], cookie: [randomBytes(32)] };
  const hostname = parseHostname('auth.example.com');
  if (!keys.ok || hostname === undefined) throw new Error('the house has no keys');
  const at = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => void lines.push({ level, fields, message });
  const options: IdentityOptions = {
    store,
    now: () => clock.now,
    log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    authenticate: { url: new URL(authenticate), hostname },
    provider: {
      kind: 'oidc',
      issuer,
      clientId: client.id,
      clientSecret: new Secret(client.secret),
      scopes: ['openid', 'profile', 'email', 'offline_access'],
      requestParams: {},
      anyTenant: false,
    },
    cookie: cookieSettings,
    secrets,
    signingKeys: keys.keys,
    claimHeaders: [],
    signOutRedirectUrl: undefined,
    isRouteHost: (authority) => routeHosts.has(authority.hostname + (authority.port === undefined ? '' : `:${authority.port}`)),
    onSignIn: (result) => void results.push(result),
    ...changes,
  };
  const identity = createIdentity(options);
  return {
    identity,
    store,
    clock,
    results,
    lines,
    twin: (more = {}) => createIdentity({ ...options, ...more }),
    async [Symbol.asyncDispose]() {
      await identity[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** Gives one URL to the endpoint that serves it, and keeps the cookies of the answer. */
export async function follow(identity: Identity, browser: Browser, url: string): Promise<IdentityOutcome> {
  const inbound = browser.request(url);
  const outcome = await endpointOf(identity, inbound.path)(inbound);
  browser.keep(url, outcome.setCookies ?? []);
  return outcome;
}

export async function followTo(identity: Identity, browser: Browser, url: string): Promise<string> {
  const outcome = await follow(identity, browser, url);
  if (outcome.kind !== 'redirect') throw new Error(`refused: ${outcome.reason}`);
  return outcome.location;
}

export function begin(identity: Identity, browser: Browser, url: string): string {
  const { location, setCookies } = identity.startSignIn(browser.request(url));
  browser.keep(url, setCookies);
  return location;
}

/** Who the next request of this browser would be from: the id, or undefined for nobody. */
export async function whoAsks(identity: Identity, browser: Browser, url: string): Promise<string | undefined> {
  let found = identity.loadSession(browser.request(url));
  if (found.kind === 'loading') {
    await found.until;
    found = identity.loadSession(browser.request(url));
  }
  return found.kind === 'person' ? found.person.id : undefined;
}

function endpointOf(identity: Identity, path: string): (inbound: ReturnType<Browser['request']>) => Promise<IdentityOutcome> {
  switch (path) {
    case '/.pomerium/sign_in':
      return async (inbound) => {
        const outcome = await identity.signIn(inbound);
        if (outcome.kind === 'choose') throw new Error('there is a choice of ways to sign in');
        return outcome;
      };
    case '/.pomerium/certificate_callback':
      return async (inbound) => identity.finishCertificateSignIn(inbound);
    case '/oauth2/callback':
      return async (inbound) => identity.finishSignIn(inbound);
    case '/.pomerium/callback/':
      return async (inbound) => identity.acceptHandOver(inbound);
    case '/.pomerium/sign_out':
      return async (inbound) => identity.signOut(inbound);
    default:
      throw new Error(`no endpoint for ${path}`);
  }
}
