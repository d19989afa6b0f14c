import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { JwtVerifier } from 'aws-jwt-verify';
import type { ProviderServer } from '../identity/provider-server.ts';
import { openProvider } from '../identity/provider-server.ts';
import type { House } from './house.ts';
import { freePort } from '../free-ports.ts';
import { ask, openHouse } from './house.ts';
import type { Seen } from './recorder.ts';
import { openEcho } from './recorder.ts';
import { Visitor } from './visitor.ts';
import { signInKeys } from './sign-in-keys.ts';

// An RSA key of the operator's own; without one Postern makes a P-256 key.
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const kinds = [
  { algorithm: 'ES256', configuration: '' },
  { algorithm: 'RS256', configuration: `signing_key: ${Buffer.from(rsa).toString('base64')}` },
];

/** An upstream that knows nothing of Postern but the address of its keys, and has a library of its own. */
for (const { algorithm, configuration } of kinds) {
  describe(`the assertion, signed with ${algorithm}`, () => {
    let house: House;
    let provider: ProviderServer;
    let echo: AsyncDisposable & { readonly url: string };
    let visitor: Visitor;

    before(async () => {
      const port = await freePort();
      echo = await openEcho();
      provider = await openProvider(`https://auth.postern.test:${port}`);
      house = await openHouse({
        port,
        config: `
${signInKeys(provider)}
idp_scopes: [openid, profile, email, offline_access]
state_directory: state
pass_identity_headers: true
${configuration}
routes:
  - {name: app, from: https://app.postern.test, to: ${echo.url}, allow_any_authenticated_user: true}
  - {name: other, from: https://other.postern.test, to: ${echo.url}, allow_any_authenticated_user: true}
`,
      });
      visitor = new Visitor(house, provider);
    });

    after(async () => {
      await house[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
      await echo[Symbol.asyncDispose]();
    });

    async function assertionAt(host: string): Promise<string> {
      const { answer } = await visitor.arrive(`https://${host}:${house.port}/`);
      return (JSON.parse(answer.body) as Seen).headers['x-pomerium-jwt-assertion'] ?? '';
    }

    /** The keys as they are served this moment, where the SDKs of Pomerium look for them: at the issuer. */
    async function servedKeys(host: string): Promise<Keys> {
      const { status, headers, body } = await ask(house, `https://${host}/.well-known/pomerium/jwks.json`);
      deepEqual([status, headers['content-type']], [200, 'application/json; charset=utf-8']);
      return JSON.parse(body) as Keys;
    }

    async function verifierAt(host: string, keys?: Keys): Promise<Verifier> {
      const verifier = JwtVerifier.create({ issuer: host, audience: host, jwksUri: `https://${host}/.well-known/pomerium/jwks.json` });
      verifier.cacheJwks((keys ?? (await servedKeys(host))) as unknown as Parameters<typeof verifier.cacheJwks>[0]);
      return verifier;
    }

    it('is found genuine by another library, with the keys that are served, and says who is asking', async () => {
      const assertion = await assertionAt('app.postern.test');
      const { jti, sid, iat, exp, ...claims } = await (await verifierAt('app.postern.test')).verify(assertion);
      deepEqual(claims, {
        iss: 'app.postern.test',
        aud: 'app.postern.test',
        sub: 'alice',
        user: 'alice',
        email: 'alice@example.com',
        name: 'Alice Ω',
        groups: ['admins', 'staff'],
      });
      match(String(jti), /^[0-9a-f-]{36}$/);
      ok(typeof sid === 'string' && sid !== '');
      equal(Number(exp) - Number(iat), 300);
      ok(Math.abs(Number(iat) - Date.now() / 1000) < 5);
    });

    it('is refused for another application, when altered, and with the keys of somebody else', async () => {
      const assertion = await assertionAt('app.postern.test');
      const [head = '', body = '', signature = ''] = assertion.split('.');
      const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
      const altered = Buffer.from(JSON.stringify({ ...claims, email: 'root@example.com' })).toString('base64url');
      const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
      const here = await verifierAt('app.postern.test');
      const there = await verifierAt('other.postern.test');
      const { keys } = await servedKeys('app.postern.test');
      const forged = await verifierAt('app.postern.test', { keys: keys.map((key) => ({ ...key, ...anotherKey(algorithm) })) });
      await rejects(forged.verify(assertion), /Invalid signature/i);
      await rejects(there.verify(assertion), /Issuer not allowed|Audience not allowed/i);
      await rejects(here.verify(`${head}.${altered}.${signature}`), /Invalid signature/i);
      await rejects(here.verify(`${unsigned}.${body}.`));
      await here.verify(await assertionAt('app.postern.test'));
      await there.verify(await assertionAt('other.postern.test'));
    });

    it('is signed by the key it names, and only its public half is served', async () => {
      const [head = '', body = '', signature = ''] = (await assertionAt('app.postern.test')).split('.');
      const { kid, ...header } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string };
      deepEqual(header, { alg: algorithm, typ: 'JWT' });
      const { keys } = await servedKeys('auth.postern.test');
      const jwk = keys.find((each) => each['kid'] === kid);
      ok(jwk !== undefined);
      deepEqual(
        Object.keys(jwk).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].includes(name)),
        [],
      );
      const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const;
      ok(verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url')));
    });
  });
}

/** The public half of a key that has nothing to do with ours, but for its kind. */
function anotherKey(algorithm: string): Readonly<Record<string, string>> {
  const pair =
    algorithm === 'RS256' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return pair.publicKey.export({ format: 'jwk' }) as Record<string, string>;
}

interface Keys {
  readonly keys: readonly Readonly<Record<string, string>>[];
}

interface Verifier {
  verify(assertion: string): Promise<Readonly<Record<string, unknown>>>;
}
