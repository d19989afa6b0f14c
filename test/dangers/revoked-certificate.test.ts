import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import { ask, configText } from '../walk/house.ts';
import { makePki } from '../walk/pki.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { errorTexts, openCertificateHouse } from './certificate-house.ts';
import { explained } from './explained.ts';
import { openOpenssl } from './openssl-client.ts';
import { askRaw, connectRaw, requestText } from './raw-client.ts';
import { askTwo, connectTwo } from './raw-http2.ts';
import { crlOf, inline } from './revocation-lists.ts';

const pki = await makePki();
const day = 86_400_000;
const bob = await issueClientCertificate(pki.caA, {
  commonName: 'bob',
  emails: ['bob@example.com'],
  from: new Date(Date.now() - day),
  to: new Date(Date.now() + day),
});

const open = "to: '{{to}}', allow_public_unauthenticated_access: true, allow_websockets: true";

/** `a` asks for a certificate of CA A, `b` of CA B, `twins` of CA A and its namesake. */
function configOf(lists: string, more = ''): string {
  const twins = inline(pki.caA.certificatePem + pki.sameNameCa.certificatePem);
  return `
downstream_mtls: {ca_file: ca-a.pem, crl: ${inline(lists)}${more}}
routes:
  - {name: a, from: https://a.postern.test, ${open}}
  - {name: b, from: https://b.postern.test, ${open}, tls_downstream_client_ca_file: ca-b.pem}
  - {name: twins, from: https://twins.postern.test, ${open}, tls_downstream_client_ca: ${twins}}
`;
}

async function outcome(street: CertificateHouse, host: string, client: Issued): Promise<unknown> {
  street.upstream.clear();
  const status = await ask(street.house, street.url(host), { client }).then(
    (answer) => answer.status,
    () => 'no connection',
  );
  return [status, street.upstream.bytes() === '' ? 'kept out' : 'forwarded'];
}

async function put(street: CertificateHouse, config: string): Promise<boolean> {
  const { house, upstream } = street;
  await writeFile(house.configFile, configText(config.replaceAll('{{to}}', upstream.url), house.port));
  return house.server.reload();
}

const letIn = [200, 'forwarded'];
const keptOut = [495, 'kept out'];

describe('a certificate that its authority has revoked', () => {
  it('is kept out with 495, and the reason is in the log and in explain, not on the page', async () => {
    await using street = await openCertificateHouse({ pki, config: configOf(crlOf(pki.caA, [pki.alice])) });
    const { house } = street;
    assert.deepEqual([await outcome(street, 'a', pki.alice), await outcome(street, 'a', bob)], [keptOut, letIn]);
    const page = await ask(house, street.url('a'), { client: pki.alice });
    assert.doesNotMatch(page.body, /revo/i);
    const line = await house.logLine(({ status }) => status === 495);
    assert.deepEqual([line['decision'], line['reasons'], line['certificate_detail']], ['deny', ['invalid-client-certificate'], 'revoked']);
    const file = `${house.directory}/alice.pem`;
    await writeFile(file, pki.alice.certificatePem);
    const { decision, status, reasons, certificate } = await explained(house, 'GET', street.url('a'), '--client-cert', file);
    assert.deepEqual(
      [decision, status, reasons, certificate],
      [
        'deny',
        495,
        ['invalid-client-certificate'],
        { presented: true, required: true, valid: false, reason: 'invalid-client-certificate', detail: 'revoked' },
      ],
    );
  });

  it('is kept out of routes that have CAs of their own: lists count everywhere', async () => {
    const lists = crlOf(pki.caB, [pki.ofB]) + crlOf(pki.caA, []);
    await using street = await openCertificateHouse({ pki, config: configOf(lists) });
    assert.deepEqual([await outcome(street, 'a', pki.alice), await outcome(street, 'b', pki.ofB)], [letIn, keptOut]);
  });

  it('opens no tunnel either', async () => {
    await using street = await openCertificateHouse({ pki, config: configOf(crlOf(pki.caA, [pki.alice])) });
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ];
    const request = requestText(['GET / HTTP/1.1', `Host: ${street.authority('a')}`, ...upgrade]);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const answer = await askRaw(street.house, request, { sni: 'a.postern.test', client: pki.alice, version });
      assert.deepEqual([answer?.status, street.upstream.bytes()], [495, '']);
    }
  });

  it('does not drag along a certificate of an authority of the same name', async () => {
    await using street = await openCertificateHouse({ pki, config: configOf(crlOf(pki.sameNameCa, [pki.ofSameName, pki.alice])) });
    assert.deepEqual(
      [await outcome(street, 'twins', pki.alice), await outcome(street, 'twins', pki.ofSameName), await outcome(street, 'a', pki.alice)],
      [letIn, keptOut, letIn],
    );
  });

  it('passes where enforcement is left to the policy, unless the policy minds', async () => {
    const config = configOf(crlOf(pki.caA, [pki.alice]), ', enforcement: policy').replace(
      'routes:',
      "routes:\n  - {name: minds, from: https://minds.postern.test, to: '{{to}}', policy: [{allow: {and: [accept: true]}}, {deny: {or: [invalid_client_certificate: true]}}]}",
    );
    await using street = await openCertificateHouse({ pki, config });
    assert.deepEqual([await outcome(street, 'a', pki.alice), await outcome(street, 'minds', pki.alice)], [letIn, keptOut]);
    assert.deepEqual(await outcome(street, 'minds', bob), letIn);
    const file = `${street.house.directory}/alice.pem`;
    await writeFile(file, pki.alice.certificatePem);
    const { decision, certificate } = await explained(street.house, 'GET', street.url('a'), '--client-cert', file);
    assert.deepEqual([decision, certificate.valid, certificate.detail], ['allow', false, 'revoked']);
  });

  it('gets no connection under reject_connection, and the log says why', async () => {
    await using street = await openCertificateHouse({
      pki,
      config: configOf(crlOf(pki.caA, [pki.alice]), ', enforcement: reject_connection'),
    });
    assert.deepEqual(
      [await outcome(street, 'a', pki.alice), await outcome(street, 'a', bob), await outcome(street, 'b', pki.ofB)],
      [['no connection', 'kept out'], letIn, letIn],
    );
    const line = await street.house.logLine((each) => JSON.stringify(each).includes('revoked'));
    assert.match(JSON.stringify(line), /revoked: .*CN=alice.* was revoked by .*CN=Client CA A/);
  });
});

describe('a revocation list that is out of date', () => {
  it('keeps out everybody who has a certificate of its authority, and nobody else', async () => {
    const hour = 3_600_000;
    const times = [
      { from: new Date(Date.now() - day), to: new Date(Date.now() - hour) },
      { from: new Date(Date.now() + hour), to: new Date(Date.now() + day) },
    ];
    for (const time of times) {
      await using street = await openCertificateHouse({ pki, config: configOf(crlOf(pki.caA, [], time)) });
      assert.deepEqual([await outcome(street, 'a', bob), await outcome(street, 'b', pki.ofB)], [keptOut, letIn]);
      const line = await street.house.logLine(({ status }) => status === 495);
      assert.equal(line['certificate_detail'], 'crl-expired');
      assert.match(street.house.problems.map(({ message }) => message).join(), /every certificate of that authority is refused/);
    }
  });
});

describe('a revocation list that is replaced while people are connected', () => {
  for (const enforcement of ['policy_with_default_deny', 'reject_connection']) {
    it(`counts for connections that are older than it (${enforcement})`, async () => {
      const more = `, enforcement: ${enforcement}`;
      // Idle connections of a revoked certificate are ended; here they are asked over before that.
      const config = configOf(crlOf(pki.caA, []), more);
      await using street = await openCertificateHouse({ pki, config, judgeEveryMs: 60_000 });
      const client = { sni: 'a.postern.test', client: pki.alice };
      using one = await connectRaw(street.house, client);
      const two = await connectTwo(street.house, client);
      const ask1 = async (): Promise<unknown> => {
        one.write(requestText(['GET / HTTP/1.1', `Host: ${street.authority('a')}`]));
        return (await one.answer())?.status;
      };
      const ask2 = async (): Promise<unknown> => {
        const fields = { ':method': 'GET', ':scheme': 'https', ':path': '/', ':authority': street.authority('a') };
        return (await askTwo(two, Object.entries(fields))).status;
      };
      assert.deepEqual([await ask1(), await ask2()], [200, 200]);
      assert.equal(await put(street, configOf(crlOf(pki.caA, [pki.alice], { number: 2n }), more)), true);
      street.upstream.clear();
      assert.deepEqual([await ask1(), await ask2(), street.upstream.bytes()], [495, 495, '']);
      assert.equal(await put(street, configOf(crlOf(pki.caA, [], { number: 3n }), more)), true);
      assert.deepEqual([await ask1(), await ask2()], [200, 200]);
      two.destroy();
    });
  }

  it('is found when its file is replaced by another', async () => {
    await using openssl = await openOpenssl();
    const file = openssl.file('crl.pem');
    await writeFile(file, crlOf(pki.caA, []));
    const config = configOf('').replace('crl: ', `crl_file: ${file}`);
    await using street = await openCertificateHouse({ pki, config });
    assert.deepEqual(await outcome(street, 'a', pki.alice), letIn);
    await writeFile(`${file}.new`, crlOf(pki.caA, [pki.alice], { number: 2n }));
    await rename(`${file}.new`, file);
    // Within 2 s of the last write.
    const deadline = Date.now() + 2000;
    while ((await ask(street.house, street.url('a'), { client: pki.alice })).status !== 495) assert.ok(Date.now() < deadline);
    assert.deepEqual(await outcome(street, 'a', pki.alice), keptOut);
  });

  it('stays in force when the new one is broken in any way, and every problem is told', async () => {
    const revoking = crlOf(pki.caA, [pki.alice]);
    await using street = await openCertificateHouse({ pki, config: configOf(revoking) });
    const span = { from: new Date(Date.now() - day), to: new Date(Date.now() + day) };
    const impostor = await issueAuthority({ commonName: 'Client CA A', ...span });
    const forged = crlOf(impostor, [], { number: undefined });
    const broken = [revoking.slice(0, -40), forged, pki.caA.certificatePem, revoking + forged, ' \n'];
    for (const list of broken) {
      assert.equal(await put(street, configOf(list)), false, list);
      assert.deepEqual([await outcome(street, 'a', pki.alice), await outcome(street, 'a', bob)], [keptOut, letIn]);
    }
    const errors = errorTexts(street.house.problems);
    assert.equal(errors.length, broken.length);
    for (const error of errors) assert.match(error, /^Cannot use "downstream_mtls\.crl" as revocation list: |^downstream_mtls\.crl/);
  });

  for (const version of ['-tls1_2', '-tls1_3']) {
    it(`leaves no session behind that the revoked certificate could resume (${version})`, async () => {
      await using openssl = await openOpenssl();
      await using street = await openCertificateHouse({ pki, config: configOf(crlOf(pki.caA, [])) });
      const session = openssl.file(`session${version}`);
      const input = `GET / HTTP/1.1\r\nHost: ${street.authority('a')}\r\nConnection: close\r\n\r\n`;
      const run = (...more: string[]) =>
        openssl.run({ port: street.house.port, sni: 'a.postern.test', input, client: pki.alice, more: [version, ...more] });
      assert.deepEqual((await run('-sess_out', session)).statuses, [200]);
      assert.equal(await put(street, configOf(crlOf(pki.caA, [pki.alice], { number: 2n }))), true);
      street.upstream.clear();
      const late = await run('-sess_in', session);
      assert.deepEqual([late.statuses, street.upstream.bytes()], [[495], '']);
    });
  }
});

describe('a revocation list at the start', () => {
  it('keeps Postern from starting when it cannot be believed', async () => {
    const tampered = crlOf(pki.caA, [pki.alice]).replace(/.{4}\n-----END/, 'AAAA\n-----END');
    for (const list of [tampered, crlOf(pki.caA, [], { hash: 'SHA-1' }), 'no list'])
      await assert.rejects(
        openCertificateHouse({ pki, config: configOf(list) }),
        /Cannot use "downstream_mtls\.crl" as revocation list|PEM/,
      );
  });

  it('is told as a warning, and refuses nobody, when its authority is in no CA file', async () => {
    await using street = await openCertificateHouse({ pki, config: configOf(crlOf(pki.serverCa, [pki.alice])) });
    assert.deepEqual(await outcome(street, 'a', pki.alice), letIn);
    assert.deepEqual(
      street.house.problems.map(({ severity, code }) => [severity, code]),
      [['warning', 'crl-notice']],
    );
    assert.match(street.house.problems[0]?.message ?? '', /block 1 of 1 is of "CN=Server CA", whose key is in no CA file/);
  });
});
