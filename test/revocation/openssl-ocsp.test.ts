import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Issued, IssueOptions } from '../../src/certificate/issue-certificate.ts';
import type { RevocationStatus } from '../../src/certificate/revocation-lookup.ts';
import { openRevocation } from '../../src/revocation/open-revocation.ts';
import { makeAuthority, makeClient, questionOf, settingsOf } from './authority.ts';
import type { ResponderOptions } from './openssl-responder.ts';
import { openOpensslResponder } from './openssl-responder.ts';

const ocspSigning = '1.3.6.1.5.5.7.3.9';
let ca: Issued;

before(async () => {
  ca = await makeAuthority();
});

/** What is known after asking a responder of OpenSSL about a certificate that names it. */
async function askOpenssl(
  options: Partial<ResponderOptions> & { readonly kind: 'good' | 'revoked' | 'stranger' },
): Promise<RevocationStatus> {
  const serial = '4a00000000000001';
  const known = await makeClient(options.ca ?? ca, {}, { serial });
  const lists = { good: options.kind === 'good' ? [known] : [], revoked: options.kind === 'revoked' ? [known] : [] };
  await using responder = await openOpensslResponder({ ca, ...lists, ...options });
  const leaf = await makeClient(options.ca ?? ca, { ocsp: [`${responder.url}/ocsp`] }, { serial });
  await using service = openRevocation({ now: () => Date.now(), log: { warn() {}, info() {} } });
  const lookup = service.lookup(settingsOf());
  const question = questionOf(leaf, options.ca ?? ca);
  await lookup.ask(question);
  const status = lookup.statusOf(question, 'ocsp', Date.now());
  return 'source' in status ? { ...status, source: new URL(status.source).pathname } : status;
}

function delegate(issuer: Issued, options: Partial<IssueOptions>): Promise<Issued> {
  return makeClient(issuer, {}, { commonName: 'OCSP signer', extendedKeyUsage: [ocspSigning], ...options });
}

function unreachable(explanation: string): RevocationStatus {
  return { kind: 'unreachable', source: '/ocsp', explanation };
}

describe('an OCSP responder of OpenSSL', () => {
  it('says that a certificate is good', async () => {
    assert.deepEqual(await askOpenssl({ kind: 'good', minutes: 5 }), { kind: 'good' });
  });

  it('says that a certificate was revoked, without saying when the next answer is due', async () => {
    assert.deepEqual(await askOpenssl({ kind: 'revoked' }), { kind: 'revoked', source: '/ocsp' });
  });

  it('does not know a certificate', async () => {
    assert.deepEqual(await askOpenssl({ kind: 'stranger' }), { kind: 'unknown', source: '/ocsp' });
  });

  it('counts when it signs with a certificate for just that, told by key or by name', async () => {
    const signer = await delegate(ca, {});
    assert.deepEqual(await askOpenssl({ kind: 'good', signer }), { kind: 'good' });
    assert.deepEqual(await askOpenssl({ kind: 'good', signer, more: ['-resp_key_id'] }), { kind: 'good' });
  });

  it('counts with keys and signatures of RSA, RSA-PSS and Ed25519', async () => {
    const rsa = await makeAuthority('RSA CA', { keyKind: 'RSA-2048' });
    assert.deepEqual(await askOpenssl({ kind: 'good', ca: rsa }), { kind: 'good' });
    const pss = ['-rmd', 'sha256', '-rsigopt', 'rsa_padding_mode:pss'];
    assert.deepEqual(await askOpenssl({ kind: 'good', ca: rsa, more: pss }), { kind: 'good' });
    const edwards = await makeAuthority('Ed25519 CA', { keyKind: 'Ed25519' });
    assert.deepEqual(await askOpenssl({ kind: 'revoked', ca: edwards }), { kind: 'revoked', source: '/ocsp' });
  });

  it('does not count when it signs with any other certificate of the authority', async () => {
    assert.deepEqual(
      await askOpenssl({ kind: 'good', signer: await delegate(ca, { extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'] }) }),
      unreachable('its answer is signed by "CN=OCSP signer", which may not sign OCSP responses (extended key usage)'),
    );
    assert.deepEqual(
      await askOpenssl({ kind: 'good', signer: await delegate(await makeAuthority(), {}) }),
      unreachable('its answer is signed by "CN=OCSP signer", which "CN=Client CA" did not issue'),
    );
    assert.deepEqual(
      await askOpenssl({ kind: 'good', signer: await delegate(ca, { to: new Date(Date.now() - 1000) }) }),
      unreachable('its answer is signed by "CN=OCSP signer", which is not valid now'),
    );
    assert.deepEqual(await askOpenssl({ kind: 'good', more: ['-rmd', 'sha1'] }), unreachable('its answer is signed with SHA-1'));
    assert.deepEqual(
      await askOpenssl({ kind: 'good', more: ['-badsig'] }),
      unreachable('its answer was not signed by the key of "CN=Client CA", or was changed since'),
    );
  });
});
