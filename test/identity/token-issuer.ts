import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JWK, JWTPayload } from 'jose';
import { SignJWT, exportJWK } from 'jose';

/** Somebody who signs tokens: a discovery document and a key set on a loopback port, and whatever wrong token a test asks for. */
export interface TokenIssuer extends AsyncDisposable {
  readonly issuer: string;
  /** How often the key set was asked for. */
  keysRead: number;
  /** While true, every request is answered with 503. */
  down: boolean;
  /** What the key set is answered with instead. */
  instead: string | undefined;
  readonly publicJwk: JWK;
  /** A token that is good for an hour, with these claims changed or (undefined) left out, and this head. */
  sign(claims?: Readonly<Record<string, unknown>>, head?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Signed by the key that is known, whatever head and payload say. */
  signText(head: string, payload: string): string;
  /** The same as `sign` by a key that is in no key set yet. */
  signWithNewKey(claims?: Readonly<Record<string, unknown>>): Promise<string>;
  /** From now on the key set has the new key as well. */
  publishNewKey(): void;
}

export async function openTokenIssuer(): Promise<TokenIssuer> {
  const old = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const next = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const published: JWK[] = [{ ...(await exportJWK(old.publicKey)), kid: 'old', use: 'sig', alg: 'RS256' }];
  const nextJwk: JWK = { ...(await exportJWK(next.publicKey)), kid: 'new', use: 'sig', alg: 'ES256' };
  const server = createServer((request, response) => {
    const isKeys = request.url === '/keys';
    if (isKeys) state.keysRead += 1;
    const document = isKeys ? { keys: published } : { issuer: state.issuer, jwks_uri: `${state.issuer}/keys` };
    response.writeHead(state.down ? 503 : 200, { 'content-type': 'application/json' });
    response.end(isKeys && state.instead !== undefined ? state.instead : JSON.stringify(document));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const claimsOf = (changes: Readonly<Record<string, unknown>>): JWTPayload => {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      sub: 'alice',
      aud: 'https://api.example',
      iat: now,
      exp: now + 3600,
      email: 'alice@example.com',
      groups: ['staff'],
    };
    return Object.fromEntries(Object.entries({ ...claims, ...changes }).filter(([, value]) => value !== undefined));
  };
  const state: TokenIssuer = {
    issuer,
    keysRead: 0,
    down: false,
    instead: undefined,
    publicJwk: published[0] ?? {},
    sign: async (claims = {}, head = {}) =>
      new SignJWT(claimsOf(claims)).setProtectedHeader({ alg: 'RS256', kid: 'old', ...head }).sign(old.privateKey),
    signWithNewKey: async (claims = {}) =>
      new SignJWT(claimsOf(claims)).setProtectedHeader({ alg: 'ES256', kid: 'new' }).sign(next.privateKey),
    signText(head, payload) {
      const input = `${Buffer.from(head).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`;
      return `${input}.${sign('sha256', Buffer.from(input), old.privateKey).toString('base64url')}`;
    },
    publishNewKey: () => void published.push(nextJwk),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return state;
}
