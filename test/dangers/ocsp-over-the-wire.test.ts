import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { runCheck } from '../../src/cli/check.ts';
import { factsOf, makeAuthority, makeClient, questionOf } from '../revocation/authority.ts';
import type { OpensslResponder } from '../revocation/openssl-responder.ts';
import { openOpensslResponder } from '../revocation/openssl-responder.ts';
import type { Answer } from '../revocation/source-server.ts';
import { openSourceServer } from '../revocation/source-server.ts';
import { nonceOf, writeOcspResponse } from '../revocation/written-ocsp.ts';
import { freePort } from '../free-ports.ts';
import { ask } from '../walk/house.ts';
import { makePki } from '../walk/pki.ts';
import { dial, openSocketUpstream } from '../walk/web-socket.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import { explained } from './explained.ts';
import type { Behind, OcspFront } from './ocsp-front.ts';
import { openOcspFront } from './ocsp-front.ts';
import { connectRaw, requestText } from './raw-client.ts';

const hour = 3_600_000;
const pki = await makePki();
const ca = pki.caA;
const serials = { good: '4a01', revoked: '4a02', unknown: '4a03' } as const;

let front: OcspFront;
let openssl: OpensslResponder;
let impostor: OpensslResponder;
let target: Awaited<ReturnType<typeof openSourceServer>>;

function rules(mode: string): string {
  return `{mode: ${mode}, sources: [ocsp], timeout: 400ms, cache_ttl: 2s, allowed_hosts: [127.0.0.1]}`;
}

/** `strict` and `soft` differ in the mode alone, and so share what the responders said. */
function configOf(more = ''): string {
  const open = `to: '{{to}}', allow_public_unauthenticated_access: true, allow_websockets: true`;
  return `
downstream_mtls: {ca_file: ca-a.pem${more}}
routes:
  - {name: strict, from: https://strict.postern.test, ${open}, client_certificate_revocation: ${rules('strict')}}
  - {name: soft, from: https://soft.postern.test, ${open}, client_certificate_revocation: ${rules('ignore_ca_error')}}
`;
}

/** A certificate that names the responder of this name; of the serial numbers that OpenSSL's database knows, or one of its own. */
function clientOf(name: string, serial?: string): Promise<Issued> {
  return makeClient(ca, { ocsp: [front.at(name)] }, { commonName: name, ...(serial === undefined ? {} : { serial }) });
}

before(async () => {
  front = await openOcspFront();
  target = await openSourceServer(() => Buffer.from('secret'));
  const [good, revoked] = await Promise.all([
    makeClient(ca, {}, { serial: serials.good }),
    makeClient(ca, {}, { serial: serials.revoked }),
  ]);
  openssl = await openOpensslResponder({ ca, good: [good], revoked: [revoked], minutes: 5 });
  // Of the same name, and it knows the certificate.
  const namesake = await makeAuthority('Client CA A');
  impostor = await openOpensslResponder({ ca, signer: namesake, good: [good], minutes: 5 });
});

after(async () => {
  for (const each of [front, target, openssl, impostor]) await each[Symbol.asyncDispose]();
});

async function outcome(street: CertificateHouse, host: string, client: Issued): Promise<unknown> {
  street.upstream.clear();
  const { status } = await ask(street.house, street.url(host), { client });
  return [status, street.upstream.bytes() === '' ? 'kept out' : 'forwarded'];
}

const letIn = [200, 'forwarded'];
const keptOut = [495, 'kept out'];

const redirect =
  (location: () => string): Behind =>
  () =>
  (_, response) =>
    response.writeHead(302, { location: location() }).end();
const silent: Answer = () => {};
const switching: Answer = (request) =>
  request.socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');

/** What was true a day ago, for an hour; otherwise in order. */
function yesterday(issued: () => Issued): Behind {
  const at = Date.now() - 24 * hour;
  return ({ body }) =>
    writeOcspResponse({ question: questionOf(issued(), ca), signer: ca, thisUpdate: at, nextUpdate: at + hour, nonce: nonceOf(body) });
}

describe('what an OCSP responder says over the wire', () => {
  const silence = { strict: keptOut, soft: letIn, detail: 'revocation-unknown' };
  const cases: readonly {
    readonly name: string;
    readonly serial?: string;
    readonly behind: (client: () => Issued) => string | Behind;
    readonly expected: { readonly strict: unknown; readonly soft: unknown; readonly detail?: string };
  }[] = [
    { name: 'good', serial: serials.good, behind: () => openssl.url, expected: { strict: letIn, soft: letIn } },
    {
      name: 'revoked',
      serial: serials.revoked,
      behind: () => openssl.url,
      expected: { strict: keptOut, soft: keptOut, detail: 'revoked' },
    },
    {
      name: 'unknown',
      serial: serials.unknown,
      behind: () => openssl.url,
      expected: { strict: keptOut, soft: keptOut, detail: 'revocation-unknown' },
    },
    { name: 'wrong-signer', serial: serials.good, behind: () => impostor.url, expected: silence },
    { name: 'expired', behind: yesterday, expected: silence },
    { name: 'slow', behind: () => () => silent, expected: silence },
    { name: 'redirect-to-metadata', behind: () => redirect(() => 'http://169.254.169.254/latest/meta-data/'), expected: silence },
    { name: 'redirect', behind: () => redirect(() => `${target.url}/`), expected: silence },
    { name: 'other-protocol', behind: () => () => switching, expected: silence },
  ];
  for (const { name, serial, behind, expected } of cases) {
    it(`is ${name}: strict ${String(expected.strict)}, ignore_ca_error ${String(expected.soft)}`, async () => {
      await using street = await openCertificateHouse({ pki, config: configOf() });
      const client = await clientOf(name, serial);
      front.put(
        name,
        behind(() => client),
      );
      const asked = front.asked(name);
      assert.deepEqual([await outcome(street, 'strict', client), await outcome(street, 'soft', client)], [expected.strict, expected.soft]);
      // Once for both, and a failure is remembered: whoever comes next does not wait again.
      assert.equal(front.asked(name), asked + 1);
      if (expected.detail === undefined) return;
      const line = await street.house.logLine(({ status }) => status === 495);
      assert.equal(line['certificate_detail'], expected.detail);
    });
  }

  it('is nothing, because the responder is down, or its host is not allowed', async () => {
    await using street = await openCertificateHouse({ pki, config: configOf() });
    for (const url of [`http://127.0.0.1:${await freePort()}/`, `http://localhost:${target.port}/`, 'http://169.254.169.254/']) {
      const client = await makeClient(ca, { ocsp: [url] });
      assert.deepEqual([await outcome(street, 'strict', client), await outcome(street, 'soft', client)], [keptOut, letIn], url);
    }
    assert.equal(target.seen.length, 0);
  });

  it('is nothing any more when the responder stops', async () => {
    await using street = await openCertificateHouse({ pki, config: configOf() });
    const good = await makeClient(ca, {}, { serial: '4a10' });
    const { url, ...responder } = await openOpensslResponder({ ca, good: [good], minutes: 5 });
    const client = await makeClient(ca, { ocsp: [url] }, { serial: '4a10' });
    assert.deepEqual([await outcome(street, 'strict', client), await outcome(street, 'soft', client)], [letIn, letIn]);
    await responder[Symbol.asyncDispose]();
    await eventually(async () => (await ask(street.house, street.url('strict'), { client })).status === 495);
    assert.deepEqual([await outcome(street, 'strict', client), await outcome(street, 'soft', client)], [keptOut, letIn]);
  });

  it('is waited for by the first request, and not in the handshake', async () => {
    for (const more of ['', ', enforcement: reject_connection']) {
      await using street = await openCertificateHouse({ pki, config: configOf(more) });
      const name = `handshake${more.length}`;
      front.put(name, () => silent);
      using connection = await connectRaw(street.house, { sni: 'strict.postern.test', client: await clientOf(name) });
      assert.equal(front.asked(name), 0);
      connection.write(requestText(['GET / HTTP/1.1', `Host: ${street.authority('strict')}`]));
      assert.equal((await connection.answer())?.status, 495);
      assert.deepEqual([front.asked(name), street.upstream.bytes()], [1, '']);
    }
  });

  it('is never asked for by explain and check', async () => {
    await using street = await openCertificateHouse({ pki, config: configOf() });
    let connections = 0;
    const listener = createServer(() => (connections += 1)).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const client = await makeClient(ca, { ocsp: [`http://127.0.0.1:${(listener.address() as AddressInfo).port}/`] });
    const file = `${street.house.directory}/client.pem`;
    await writeFile(file, client.certificatePem);
    const { certificate } = await explained(street.house, 'GET', street.url('strict'), '--client-cert', file);
    assert.deepEqual([certificate.valid, certificate.detail], [false, 'revocation-unknown']);
    assert.equal((await explained(street.house, 'GET', street.url('soft'), '--client-cert', file)).decision, 'allow');
    const screen = { out() {}, err() {}, now: () => Date.now(), environment: {}, colour: false, width: 80 };
    assert.equal(await runCheck(['--config', street.house.configFile, '--no-env'], screen), 0);
    assert.equal(connections, 0);
    listener.close();
  });
});

describe('an open WebSocket', () => {
  it('lasts through renewals of the answer, slow ones too, and ends within five seconds of the first that says revoked, idle connections too', async () => {
    await using upstream = await openSocketUpstream(() => {});
    const config = configOf().replaceAll('{{to}}', upstream.url).replaceAll('400ms', '3s');
    await using street = await openCertificateHouse({ pki, config, judgeEveryMs: 250 });
    const [alice, bob] = await Promise.all([clientOf('alice', serials.good), clientOf('bob', serials.good.replace('1', '4'))]);
    assert.notEqual(factsOf(alice).serial, factsOf(bob).serial);
    let gate: Promise<void> | undefined;
    let revokedAt: number | undefined;
    let isRevoked = false;
    const behindOf =
      (client: Issued): Behind =>
      async ({ body }) => {
        await gate;
        const status = client === alice && isRevoked ? 'revoked' : 'good';
        if (status === 'revoked') revokedAt ??= Date.now();
        return writeOcspResponse({
          question: questionOf(client, ca),
          signer: ca,
          status,
          thisUpdate: Date.now() - 1000,
          nonce: nonceOf(body),
        });
      };
    front.put('alice', behindOf(alice));
    front.put('bob', behindOf(bob));
    const sockets = await Promise.all(
      [alice, bob].map(async (client) => {
        const dialled = await dial(street.house, 'strict.postern.test', { client });
        assert.ok(dialled.kind === 'open');
        return dialled.socket;
      }),
    );
    // Nothing was ever asked over it.
    using idle = await connectRaw(street.house, { sni: 'strict.postern.test', client: alice });
    const ended: string[] = [];
    for (const [index, socket] of sockets.entries()) {
      socket.on('error', () => {});
      socket.on('close', () => ended.push(['alice', 'bob'][index] ?? ''));
    }
    // The answer runs out while the next one is on its way.
    const open = Promise.withResolvers<void>();
    gate = open.promise;
    const times = front.asked('alice');
    await eventually(async () => front.asked('alice') > times);
    setTimeout(open.resolve, 2_000);
    await open.promise;
    await eventually(async () => front.asked('alice') > times + 1);
    assert.deepEqual(ended, []);
    isRevoked = true;
    await eventually(async () => ended.length > 0);
    assert.deepEqual(ended, ['alice']);
    assert.equal(await idle.answer(), undefined);
    assert.ok(revokedAt !== undefined && Date.now() - revokedAt < 5_000);
    for (const socket of sockets) socket.terminate();
  });
});

/** Fails after ten seconds. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, 'it never came to that');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
