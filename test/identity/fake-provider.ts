import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { client } from './provider-server.ts';

const keyPair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const nextPair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const otherPair = generateKeyPairSync('rsa', { modulusLength: 2048 });

export interface Misbehaviour {
  /** Changes the claims of the ID token. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly signature?: 'none' | 'other-key' | 'public-key-as-secret';
  /** Replaces members of the token answer. */
  readonly tokens?: Readonly<Record<string, unknown>>;
  readonly tokenError?: { readonly status: number; readonly error: string };
  readonly userInfo?: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly down?: boolean;
  /** It has new keys, publishes them alone and signs with them. */
  readonly rotated?: boolean;
  /** Replaces the ID token, whatever else is said of it. */
  readonly idToken?: string;
  readonly jwksStatus?: number;
}

/** A provider without a socket, that does whatever wrong thing it is told to. */
export interface FakeProvider {
  readonly issuer: URL;
  readonly fetch: typeof fetch;
  behave(misbehaviour: Misbehaviour): void;
  /** The URL to which the provider would send the browser, with these parameters changed or (undefined) left out. */
  answer(authorizationUrl: string, changes?: Readonly<Record<string, string | undefined>>): string;
  /** The bodies that the token endpoint got. */
  readonly tokenRequests: readonly URLSearchParams[];
  /** Called before the token endpoint answers. */
  hold: (() => Promise<void>) | undefined;
}

export function createFakeProvider(issuer = 'https://idp.example.com'): FakeProvider {
  const nonces = new Map<string, { readonly nonce: string; readonly challenge: string }>();
  const tokenRequests: URLSearchParams[] = [];
  let wrong: Misbehaviour = {};
  const provider: FakeProvider = {
    issuer: new URL(issuer),
    tokenRequests,
    hold: undefined,
    behave(misbehaviour) {
      wrong = misbehaviour;
    },
    answer(authorizationUrl, changes = {}) {
      const { searchParams } = new URL(authorizationUrl);
      const code = `code-${nonces.size}`;
      nonces.set(code, { nonce: searchParams.get('nonce') ?? '', challenge: searchParams.get('code_challenge') ?? '' });
      const all = { code, state: searchParams.get('state') ?? '', iss: issuer, ...changes };
      const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
      return `${searchParams.get('redirect_uri') ?? ''}?${new URLSearchParams(given).toString()}`;
    },
    async fetch(input, init) {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      if (wrong.down === true) throw new TypeError('fetch failed');
      switch (pathname) {
        case '/.well-known/openid-configuration':
          return Response.json({ ...metadata(issuer), ...wrong.metadata });
        case '/jwks':
          if (wrong.jwksStatus !== undefined) return new Response('', { status: wrong.jwksStatus });
          return Response.json({
            keys: [{ ...pairOf(wrong).publicKey.export({ format: 'jwk' }), kid: kidOf(wrong), use: 'sig', alg: 'RS256' }],
          });
        case '/token':
          tokenRequests.push(new URLSearchParams(init?.body instanceof URLSearchParams ? init.body : ''));
          await provider.hold?.();
          return answerToken(tokenRequests.at(-1) ?? new URLSearchParams());
        case '/userinfo':
          return Response.json({ sub: 'alice', email: 'alice@example.com', ...wrong.userInfo });
        default:
          return new Response('', { status: 404 });
      }
    },
  };
  return provider;

  function answerToken(body: URLSearchParams): Response {
    if (wrong.tokenError !== undefined) return Response.json({ error: wrong.tokenError.error }, { status: wrong.tokenError.status });
    const begun = nonces.get(body.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url');
    if (begun !== undefined && begun.challenge !== challenge) return Response.json({ error: 'invalid_grant' }, { status: 400 });
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      sub: 'alice',
      aud: client.id,
      iat: now,
      exp: now + 300,
      ...(begun === undefined ? {} : { nonce: begun.nonce }),
    };
    return Response.json({
      access_token: 'access',
      token_type: 'Bearer',
      expires_in: 300,
      refresh_token: `refresh-${tokenRequests.length}`,
      id_token: wrong.idToken ?? writeToken({ ...claims, ...wrong.claims }, wrong),
      ...wrong.tokens,
    });
  }
}

function metadata(issuer: string): Readonly<Record<string, unknown>> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    authorization_response_iss_parameter_supported: true,
  };
}

function pairOf({ rotated }: Misbehaviour): typeof keyPair {
  return rotated === true ? nextPair : keyPair;
}

function kidOf({ rotated }: Misbehaviour): string {
  return rotated === true ? 'k2' : 'k';
}

function writeToken(claims: Readonly<Record<string, unknown>>, wrong: Misbehaviour): string {
  const { header, signature } = wrong;
  const input = `${encode({ alg: 'RS256', kid: kidOf(wrong), typ: 'JWT', ...header })}.${encode(claims)}`;
  if (signature === 'none') return `${input}.`;
  if (signature === 'public-key-as-secret') {
    const secret = pairOf(wrong).publicKey.export({ format: 'pem', type: 'spki' });
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  }
  const { privateKey } = signature === 'other-key' ? otherPair : pairOf(wrong);
  return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
