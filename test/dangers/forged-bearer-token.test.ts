import assert from 'node:assert/strict';
import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { CompactEncrypt, SignJWT, exportJWK } from 'jose';
import type { TokenIssuer } from '../identity/token-issuer.ts';
import { openTokenIssuer } from '../identity/token-issuer.ts';
import type { House } from '../walk/house.ts';
import { ask, openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';

const audience = 'https://api.example';

function encode(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** Every way that is known of making a verifier believe a token that nobody signed (RFC 8725), and none of it reaches the upstream. */
describe('a bearer token that the issuer did not sign for us', () => {
  let house: House;
  let issuer: TokenIssuer;
  let upstream: Recorder;

  before(async () => {
    [issuer, upstream] = await Promise.all([openTokenIssuer(), openRecorder()]);
    house = await openHouse({
      config: `
bearer_token_format: jwt
identity_providers:
  robots: {issuer: '${issuer.issuer}', audiences: ['${audience}']}
routes:
  - {name: app, from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
`,
    });
  });

  after(async () => {
    for (const each of [house, issuer, upstream]) await each[Symbol.asyncDispose]();
  });

  async function show(token: string): Promise<number> {
    const { status } = await ask(house, `https://app.postern.test:${house.port}/`, { headers: { authorization: `Bearer ${token}` } });
    return status;
  }

  async function isRefused(token: string, what: string): Promise<void> {
    upstream.clear();
    assert.deepEqual([await show(token), upstream.bytes()], [403, ''], what);
  }

  async function claims(changes: Readonly<Record<string, unknown>> = {}): Promise<Record<string, unknown>> {
    const [, payload = ''] = (await issuer.sign(changes)).split('.');
    return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>;
  }

  it('is told from one that it did sign', async () => {
    assert.equal(await show(await issuer.sign()), 200);
    assert.match(upstream.bytes(), /^GET \/ /);
  });

  it('has no signature, or says that it needs none', async () => {
    const [head = '', payload = '', signature = ''] = (await issuer.sign()).split('.');
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null, undefined])
      for (const last of ['', signature, 'x']) await isRefused(`${encode({ alg, typ: 'JWT' })}.${payload}.${last}`, `alg ${String(alg)}`);
    for (const token of [`${head}.${payload}.`, `${head}.${payload}`, `.${payload}.${signature}`, `${head}..${signature}`, '..', '.'])
      await isRefused(token, token);
  });

  it('is signed with the public key as if it were a secret', async () => {
    const key = createPublicKey({ key: issuer.publicJwk, format: 'jwk' });
    const payload = encode(await claims());
    const secrets = [
      key.export({ type: 'spki', format: 'pem' }),
      key.export({ type: 'spki', format: 'der' }),
      key.export({ type: 'spki', format: 'pem' }).trim(),
      JSON.stringify(issuer.publicJwk),
      issuer.publicJwk.n ?? '',
      '',
    ];
    for (const [alg, hash] of [
      ['HS256', 'sha256'],
      ['HS384', 'sha384'],
      ['HS512', 'sha512'],
      ['RS256', 'sha256'],
    ] as const)
      for (const secret of secrets) {
        const input = `${encode({ alg, kid: 'old', typ: 'JWT' })}.${payload}`;
        await isRefused(`${input}.${createHmac(hash, secret).update(input).digest('base64url')}`, alg);
      }
  });

  it('brings its own key, or says where it is', async () => {
    const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = await exportJWK(own.publicKey);
    const heads = [
      {},
      { kid: 'old' },
      { jwk },
      { jwk, kid: 'old' },
      { jku: `${issuer.issuer}/keys`, kid: 'mine' },
      { x5u: 'https://evil.example/cert.pem' },
      { x5c: [Buffer.from('x').toString('base64')] },
      { kid: '../../../../dev/null' },
      { kid: '/dev/null' },
      { kid: "' OR 1=1 --" },
      { kid: `${issuer.issuer}/keys` },
      { kid: '__proto__' },
      { kid: 7 },
      { kid: '' },
    ];
    for (const head of heads) {
      const token = await new SignJWT(await claims()).setProtectedHeader({ alg: 'RS256', ...head } as never).sign(own.privateKey);
      await isRefused(token, JSON.stringify(head));
    }
  });

  it('is signed by another algorithm than those of the list', async () => {
    for (const [head, sign] of [
      ['RS384', 'RS384'],
      ['RS512', 'RS512'],
      ['PS256', 'PS256'],
      ['ES256', 'RS256'],
      ['RS256', 'PS256'],
    ] as const) {
      const [, payload = ''] = (await issuer.sign()).split('.');
      const [, , signature = ''] = (await issuer.sign({}, { alg: sign })).split('.');
      await isRefused(`${encode({ alg: head, kid: 'old' })}.${payload}.${signature}`, head);
      if (head === sign) await isRefused(await issuer.sign({}, { alg: sign }), sign);
    }
    for (const signature of ['A'.repeat(86), encode(Buffer.alloc(64)), encode('0')])
      await isRefused(`${encode({ alg: 'ES256', kid: 'new' })}.${encode(await claims())}.${signature}`, 'zeros');
  });

  it('is signed, and says something else', async () => {
    const seconds = Math.floor(Date.now() / 1000);
    const changes: readonly Readonly<Record<string, unknown>>[] = [
      { aud: 'https://other.example' },
      { aud: [] },
      { aud: undefined },
      { aud: `${audience}/` },
      { aud: { [audience]: true } },
      { sub: undefined },
      { sub: '' },
      { sub: 7 },
      { sub: ['alice'] },
      { exp: undefined },
      { exp: seconds },
      { exp: seconds - 30 },
      { exp: String(seconds + 3600) },
      { exp: null },
      { nbf: seconds + 120 },
      { iat: seconds + 120 },
      { iss: `${issuer.issuer}/` },
      { iss: issuer.issuer.toUpperCase() },
      { iss: [issuer.issuer] },
      { iss: undefined },
      { iss: '__proto__' },
    ];
    for (const change of changes) await isRefused(await issuer.sign(change), JSON.stringify(change));
  });

  it('is signed, and is no plain token for whoever reads it next', async () => {
    const plain = JSON.stringify(await claims());
    const bare = { alg: 'RS256', kid: 'old' };
    assert.equal(await show(issuer.signText(JSON.stringify(bare), plain)), 200);
    for (const further of [
      { crit: ['b64'], b64: false },
      { crit: ['x'], x: 1 },
      { crit: [] },
      { crit: ['exp'], exp: 1 },
      { zip: 'DEF', crit: ['zip'] },
    ])
      await isRefused(issuer.signText(JSON.stringify({ ...bare, ...further }), plain), JSON.stringify(further));
    await isRefused(issuer.signText('{"alg":"none","alg":"RS256","kid":"old"}', plain), 'two algorithms');
    for (const text of [plain.replace('{', '{"sub":"bob",'), plain.replace('{', '{"aud":"x",'), plain.replace('{', '{"\\u0073ub":"bob",')])
      await isRefused(issuer.signText(JSON.stringify(bare), text), text);
    for (const text of ['', 'x', '[]', 'null', '"alice"', plain.slice(0, -1)])
      await isRefused(issuer.signText(JSON.stringify(bare), text), text);
    await isRefused(await issuer.sign({}, { typ: 'logout+jwt' }), 'typ');
    await isRefused(await issuer.sign({}, { typ: 'application/secevent+jwt' }), 'typ');
    const good = await issuer.sign();
    const [head = '', payload = '', signature = ''] = good.split('.');
    for (const token of [
      `${good}.`,
      `${good}.x`,
      `${good} x`,
      `${good},${good}`,
      `${good}=`,
      `${head}.${payload}=.${signature}`,
      `"${good}"`,
      good.replace('.', '%2e'),
    ])
      await isRefused(token, token);
  });

  it('is encrypted, or as large as a stranger likes', async () => {
    const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const encrypted = await new CompactEncrypt(Buffer.from(await issuer.sign()))
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM' })
      .encrypt(own.publicKey);
    await isRefused(encrypted, 'encrypted');
    const direct = await new CompactEncrypt(Buffer.alloc(100_000))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .encrypt(new Uint8Array(32));
    upstream.clear();
    await isRefused(`${'a'.repeat(8_000)}.${'b'.repeat(8_000)}.${'c'.repeat(8_000)}`, 'large');
    for (const huge of [direct, 'a'.repeat(1_000_000), `${encode({ alg: 'RS256' })}.${'a'.repeat(1_000_000)}.x`]) {
      const status = await show(huge).catch(() => 431);
      assert.deepEqual([status, upstream.bytes()], [431, '']);
    }
  });

  it('names a thousand keys that nobody knows, and the issuer is hardly asked', async () => {
    const readBefore = issuer.keysRead;
    const [, payload = '', signature = ''] = (await issuer.sign()).split('.');
    const tokens = Array.from({ length: 60 }, (_, index) => `${encode({ alg: 'RS256', kid: `kid-${index}` })}.${payload}.${signature}`);
    for (let index = 0; index < tokens.length; index += 20) {
      const statuses = await Promise.all(tokens.slice(index, index + 20).map(show));
      assert.deepEqual(new Set(statuses), new Set([403]));
    }
    assert.ok(issuer.keysRead - readBefore <= 1, `asked ${issuer.keysRead - readBefore} times`);
  });
});
