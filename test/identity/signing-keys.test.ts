import assert from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import { createHash, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import type { SecretList } from '../../src/identity/secrets.ts';
import type { SigningKeys } from '../../src/identity/signing-keys.ts';
import { readSigningKeys } from '../../src/identity/signing-keys.ts';

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

function pem(key: KeyObject, type: 'pkcs8' | 'sec1' | 'pkcs1' = 'pkcs8'): string {
  return key.export({ format: 'pem', type: type as 'pkcs8' });
}

async function read(text: string): Promise<SigningKeys> {
  const result = await readSigningKeys({ pem: { text, label: 'signing.pem', path: ['signing_key'] } });
  return result.ok ? result.keys : assert.fail(result.message);
}

async function derive(...sharedSecrets: SecretList): Promise<SigningKeys> {
  const result = await readSigningKeys({ sharedSecrets });
  return result.ok ? result.keys : assert.fail();
}

async function messageOf(text: string): Promise<string> {
  const result = await readSigningKeys({ pem: { text, label: 'signing.pem', path: ['signing_key'] } });
  return result.ok ? assert.fail() : result.message;
}

describe('readSigningKeys()', () => {
  it('reads PEM in every usual form, and PEM in base64', async () => {
    const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
    const forms = [
      pem(ec),
      pem(ec, 'sec1'),
      parameters + pem(ec, 'sec1'),
      Buffer.from(pem(ec)).toString('base64'),
      `${Buffer.from(pem(ec)).toString('base64')}\n`,
    ];
    const keys = await Promise.all(forms.map(read));
    assert.equal(new Set(keys.map(({ signer }) => signer.kid)).size, 1);
    const signers = await Promise.all([pem(rsa, 'pkcs1'), pem(ec)].map(read));
    assert.deepEqual(
      signers.map(({ signer }) => signer.algorithm),
      ['RS256', 'ES256'],
    );
  });

  it('names each key by its thumbprint (RFC 7638)', async () => {
    const { n, e } = createPublicKey(rsa).export({ format: 'jwk' });
    const { x, y } = createPublicKey(ec).export({ format: 'jwk' });
    const canonical = [
      { e, kty: 'RSA', n },
      { crv: 'P-256', kty: 'EC', x, y },
    ].map((members) => createHash('sha256').update(JSON.stringify(members)).digest('base64url'));
    const named = await Promise.all([pem(rsa), pem(ec)].map(read));
    assert.deepEqual(
      named.map(({ signer }) => signer.kid),
      canonical,
    );
  });

  it('signs with the first of several and publishes all, and nothing secret', async () => {
    const { signer, jwks } = await read(pem(rsa) + pem(ec));
    const { keys } = JSON.parse(jwks.body) as { keys: Record<string, unknown>[] };
    assert.equal(signer.algorithm, 'RS256');
    assert.deepEqual(
      keys.map((key) => Object.keys(key).toSorted().join()),
      ['alg,e,kid,kty,n,use', 'alg,crv,kid,kty,use,x,y'],
    );
    assert.deepEqual(
      [keys[0]?.['kid'], /^"[0-9a-f]{32}"$/.test(jwks.etag), (await read(pem(ec))).jwks.etag === jwks.etag],
      [signer.kid, true, false],
    );
  });

  it('derives the same P-256 key from the same shared secret', async () => {
    const secret = Buffer.alloc(32, 7);
    const [{ signer }, again, other] = await Promise.all([derive(secret), derive(Buffer.from(secret)), derive(randomBytes(32))]);
    assert.equal(signer.kid, again.signer.kid);
    assert.notEqual(signer.kid, other.signer.kid);
    assert.deepEqual([signer.algorithm, signer.privateKey.asymmetricKeyDetails?.namedCurve], ['ES256', 'prime256v1']);
  });

  it('derives one from each shared secret, signs with the first and publishes all', async () => {
    const [newest, older] = [Buffer.alloc(32, 8), Buffer.alloc(32, 7)];
    const [before, during] = await Promise.all([derive(older), derive(newest, older)]);
    const { keys } = JSON.parse(during.jwks.body) as { keys: { readonly kid: string }[] };
    assert.deepEqual(
      keys.map(({ kid }) => kid),
      [during.signer.kid, before.signer.kid],
    );
    assert.notEqual(during.signer.kid, before.signer.kid);
  });

  it('says what is wrong with a key it can not use, without showing it', async () => {
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
    const ed = generateKeyPairSync('ed25519');
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
    const broken = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0c2VjcmV0\n-----END PRIVATE KEY-----\n';
    const texts = [
      '',
      'garbage',
      pem(p384),
      pem(ed.privateKey),
      pem(short),
      ed.publicKey.export({ format: 'pem', type: 'spki' }),
      pem(ec) + broken,
    ];
    const messages = await Promise.all(texts.map(messageOf));
    const expected = [
      /: expected a private key in PEM, or the same in base64$/,
      /: expected a private key in PEM, or the same in base64$/,
      /: block 1 \(PRIVATE KEY\) .*: expected an EC key on P-256 or an RSA key$/,
      /: block 1 \(PRIVATE KEY\) .*: expected an EC key on P-256 or an RSA key$/,
      /: block 1 \(PRIVATE KEY\) .*: expected an RSA key of at least 2048 bits$/,
      /: block 1 \(PUBLIC KEY\) is no usable private key: /,
      /: block 2 \(PRIVATE KEY\) is no usable private key: /,
    ];
    for (const [index, message] of messages.entries()) {
      assert.match(message, /^Cannot read the signing key of signing\.pem: /);
      assert.match(message, expected[index] ?? assert.fail());
      assert.doesNotMatch(message, /c2VjcmV0/);
    }
  });
});
