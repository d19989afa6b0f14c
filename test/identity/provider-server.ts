import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPairSync } from 'node:crypto';
import type { Browser } from './browser.ts';

/** The parts of the library that are used here; it brings no types. */
interface OidcProvider {
  callback(): (request: IncomingMessage, response: ServerResponse) => void;
  interactionDetails(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<{ readonly params: { readonly client_id: string; readonly scope: string } }>;
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: unknown): Promise<void>;
  readonly Grant: new (parts: { accountId: string; clientId: string }) => { addOIDCScope(scope: string): void; save(): Promise<string> };
}

export interface ProviderServer extends AsyncDisposable {
  readonly issuer: URL;
  /** Whom the next login page signs in; undefined: the visitor denies. */
  account: string | undefined;
  /** How many requests each path got. */
  readonly requests: Map<string, number>;
  /** While true, every request is answered with 503. */
  down: boolean;
  /** What is said of an account from now on, beside and over what `accounts` says. */
  readonly claims: Map<string, Readonly<Record<string, unknown>>>;
}

export const accounts: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  alice: { email: 'alice@example.com', email_verified: true, name: 'Alice Ω', groups: ['admins', 'staff'], address: { country: 'PL' } },
  bob: { email: 'bob@example.com', email_verified: false, name: 'Bob', groups: ['staff'] },
};

export const client = { id: 'postern', secret: 'not-a-secret' };

/** A real provider (the npm package `oidc-provider`) on a loopback port, whose login page signs somebody in without asking. */
export async function openProvider(authenticate: string, lifetimeSeconds: number = 600): Promise<ProviderServer> {
  const specifier: string = 'oidc-provider';
  const { Provider } = (await import(specifier)) as { Provider: new (issuer: string, options: unknown) => OidcProvider };
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const claims: ProviderServer['claims'] = new Map();
  const provider = new Provider(issuer, { ...options(authenticate, claims), ttl: lifetimes(lifetimeSeconds) });
  const state: ProviderServer = {
    issuer: new URL(issuer),
    account: 'alice',
    requests: new Map(),
    down: false,
    claims,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const answer = provider.callback();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    state.requests.set(path, (state.requests.get(path) ?? 0) + 1);
    if (state.down) response.writeHead(503).end();
    else if (path.startsWith('/interaction/')) void logIn(provider, state.account, request, response);
    else answer(request, response);
  });
  return state;
}

async function logIn(
  provider: OidcProvider,
  account: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { params } = await provider.interactionDetails(request, response);
  if (account === undefined) return provider.interactionFinished(request, response, { error: 'access_denied' });
  const grant = new provider.Grant({ accountId: account, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return provider.interactionFinished(request, response, { login: { accountId: account }, consent: { grantId: await grant.save() } });
}

function options(authenticate: string, claims: ProviderServer['claims']): Readonly<Record<string, unknown>> {
  return {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [`${authenticate}/oauth2/callback`],
        post_logout_redirect_uris: [`${authenticate}/.pomerium/signed_out`],
      },
    ],
    jwks: {
      keys: [{ ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }],
    },
    cookies: { keys: ['only for tests'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups', 'address'] },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true }, introspection: { enabled: true } },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id, ...accounts[id], ...claims.get(id) }) }),
  };
}

function lifetimes(seconds: number): Readonly<Record<string, number>> {
  return { AccessToken: seconds, IdToken: seconds, Interaction: seconds, Session: seconds, Grant: seconds, RefreshToken: seconds };
}

/** Follows the redirects of the provider until one leads elsewhere, and gives that. */
export async function followProvider({ issuer }: Pick<ProviderServer, 'issuer'>, browser: Browser, start: string): Promise<string> {
  let location = start;
  for (let hops = 0; hops < 10; hops += 1) {
    if (new URL(location).origin !== issuer.origin) return location;
    const response = await fetch(location, { redirect: 'manual', headers: { cookie: browser.cookies(location) } });
    browser.keep(
      location,
      response.headers.getSetCookie().map((each) => each.replace(/; httponly.*/i, '')),
    );
    const next = response.headers.get('location');
    if (next === null) throw new Error(`the provider answered ${response.status}: ${await response.text()}`);
    location = new URL(next, location).href;
  }
  throw new Error('the provider leads round in circles');
}
