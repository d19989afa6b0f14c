import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import { ask } from '../walk/house.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { errorTexts, openCertificateHouse } from './certificate-house.ts';
import { configText } from '../walk/house.ts';
import { writeFile } from 'node:fs/promises';

const day = 86_400_000;
const open = "to: '{{to}}', allow_public_unauthenticated_access: true";
const repeated = 'a'.repeat(30_000);

/** Expressions that some engines try in all ways there are, which doubles with each letter: every one here is matched in one go. */
describe('a text made for an expression that never ends', () => {
  let street: CertificateHouse;

  before(async () => {
    street = await openCertificateHouse({
      config: `
downstream_mtls:
  match_subject_alt_names: [{dns: '(a+)+b'}, {email: '(.*.*.*)*@x'}]
routes:
  - {from: https://nested.postern.test, regex: '/(a+)+b', ${open}}
  - {from: https://either.postern.test, regex: '/(a|a|aa)*b', ${open}}
  - {from: https://dots.postern.test, regex: '/.*.*.*.*=.*', ${open}}
  - {from: https://counted.postern.test, regex: '/(a{1,50}){1,20}b', ${open}}
  - {from: https://a.postern.test, ${open}, tls_downstream_client_ca_file: ca-a.pem}
`,
    });
  });

  after(() => street[Symbol.asyncDispose]());

  for (const host of ['nested', 'either', 'dots', 'counted']) {
    it(`is looked through at once by the route ${host}`, async () => {
      const { house, upstream, url } = street;
      const began = performance.now();
      const [{ status }, other] = await Promise.all([ask(house, url(host, `/${repeated}`)), ask(house, url('nested', '/aab'))]);
      assert.ok(performance.now() - began < 2000, `took ${performance.now() - began} ms`);
      assert.deepEqual([status, other.status], [404, 200]);
      assert.equal(upstream.bytes().includes('aaaa'), false);
    });
  }

  it('is looked through at once in a certificate', async () => {
    const { house, upstream, url } = street;
    upstream.clear();
    const times = { from: new Date(Date.now() - day), to: new Date(Date.now() + day) };
    const names = { dnsNames: ['a'.repeat(20_000)], emails: [`${'a'.repeat(20_000)}@y`] };
    const client = await issueClientCertificate(house.pki.caA, { commonName: 'x', ...times, ...names });
    const began = performance.now();
    const { status } = await ask(house, url('a'), { client });
    assert.ok(performance.now() - began < 2000, `took ${performance.now() - began} ms`);
    assert.deepEqual([status, upstream.bytes()], [495, '']);
  });

  it('cannot be asked for by what only such engines know', async () => {
    const { house, upstream } = street;
    for (const regex of ['/(a)\\\\1', '/(?=a)b', '/(?<!a)b', '/(?>a+)b', '/a{1,100000}']) {
      const problems = house.problems.length;
      const config = `routes: [{from: https://nested.postern.test, regex: "${regex}", ${open.replace('{{to}}', upstream.url)}}]`;
      await writeFile(house.configFile, configText(config, house.port));
      assert.equal(await house.server.reload(), false, regex);
      assert.match(errorTexts(house.problems.slice(problems)).join('\n'), /regex/);
    }
  });
});
