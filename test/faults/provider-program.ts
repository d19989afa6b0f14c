// The provider of the faults: `node provider-program.ts PORT AUTHENTICATE_ORIGIN KEY_FILE`. A real one (the npm package `oidc-provider`). Whom it
// signs in is what the visitor's cookie `account` says; its key, a JWK in a file, is the same after each start, as a provider's in earnest is.

import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { client } from '../identity/provider-server.ts';

interface OidcProvider {
  callback(): (request: IncomingMessage, response: ServerResponse) => void;
  interactionDetails(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<{ readonly params: { readonly client_id: string; readonly scope: string } }>;
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: unknown): Promise<void>;
  readonly Grant: new (parts: { accountId: string; clientId: string }) => { addOIDCScope(scope: string): void; save(): Promise<string> };
}

const [port, authenticate = '', keyFile = ''] = process.argv.slice(2);
// The library warns of development settings on the console.
console.warn = () => undefined;
console.info = () => undefined;
const specifier: string = 'oidc-provider';
const { Provider } = (await import(specifier)) as { Provider: new (issuer: string, options: unknown) => OidcProvider };
const hour = 3600;

const provider = new Provider(`http://localhost:${port}`, {
  clients: [
    {
      client_id: client.id,
      client_secret: client.secret,
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [`${authenticate}/oauth2/callback`],
      post_logout_redirect_uris: [`${authenticate}/.pomerium/signed_out`],
    },
  ],
  jwks: { keys: [JSON.parse(readFileSync(keyFile, 'utf8'))] },
  cookies: { keys: ['only for tests'] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
  ttl: { AccessToken: hour, IdToken: hour, Interaction: hour, Session: hour, Grant: hour, RefreshToken: hour },
  findAccount: (_: unknown, id: string) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: true }),
  }),
});

async function logIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { params } = await provider.interactionDetails(request, response);
  const accountId = /(?:^|; )account=([a-z0-9]+)/.exec(request.headers.cookie ?? '')?.[1] ?? 'nobody';
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return provider.interactionFinished(request, response, { login: { accountId }, consent: { grantId: await grant.save() } });
}

const answer = provider.callback();
createServer((request, response) => {
  if (request.url?.startsWith('/interaction/') === true) logIn(request, response).catch(() => response.writeHead(500).end());
  else answer(request, response);
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
// Whatever ended the parent, nothing is left behind.
process.stdin.on('end', () => process.exit()).resume();
