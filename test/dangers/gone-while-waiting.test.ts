import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { makeClient, questionOf } from '../revocation/authority.ts';
import { nonceOf, writeOcspResponse } from '../revocation/written-ocsp.ts';
import { ask, configText } from '../walk/house.ts';
import { openHttp2 } from '../walk/http2-client.ts';
import { makePki } from '../walk/pki.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import type { OcspFront } from './ocsp-front.ts';
import { openOcspFront } from './ocsp-front.ts';
import { connectRaw, requestText } from './raw-client.ts';

const pki = await makePki();
let front: OcspFront;

before(async () => {
  front = await openOcspFront();
});

after(() => front[Symbol.asyncDispose]());

const config = (mode = 'strict'): string => `
downstream_mtls: {ca_file: ca-a.pem, revocation: {mode: ${mode}, sources: [ocsp], timeout: 1m, allowed_hosts: [127.0.0.1]}}
routes:
  - {name: app, from: https://app.postern.test, to: '{{to}}', allow_public_unauthenticated_access: true}
`;

interface Held {
  readonly client: Issued;
  /** Settles when the responder was asked. */
  readonly asked: Promise<void>;
  /** Lets the responder say that the certificate is good. */
  readonly answer: () => void;
}

/** A certificate whose responder keeps everybody waiting. */
async function hold(name: string): Promise<Held> {
  const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const client = await makeClient(pki.caA, { ocsp: [front.at(name)] });
  front.put(name, async ({ body }) => {
    asked.resolve();
    await answer.promise;
    return writeOcspResponse({
      question: questionOf(client, pki.caA),
      signer: pki.caA,
      thisUpdate: Date.now() - 1000,
      nonce: nonceOf(body),
    });
  });
  return { client, asked: asked.promise, answer: answer.resolve };
}

/** A request of the same certificate that is let in when the answer is there, and all that the upstream has seen by then. */
async function seenAfterwards({ house, upstream, url }: CertificateHouse, { client, answer }: Held): Promise<unknown> {
  answer();
  const { status } = await ask(house, url('app', '/stayed'), { client });
  return [status, upstream.bytes().match(/^[A-Z]+ \S+ HTTP\/1\.1/gm)];
}

describe('a client that goes away while an authority is asked', () => {
  it('has nothing sent in its name, over HTTP/1.1', async () => {
    await using street = await openCertificateHouse({ pki, config: config() });
    const held = await hold('http1');
    {
      using connection = await connectRaw(street.house, { sni: 'app.postern.test', client: held.client });
      connection.write(requestText(['POST /gone HTTP/1.1', `Host: ${street.authority('app')}`, 'Content-Length: 4'], 'body'));
      await held.asked;
    }
    await street.house.logLine(({ path }) => path === '/gone');
    assert.deepEqual(await seenAfterwards(street, held), [200, ['GET /stayed HTTP/1.1']]);
  });

  it('has nothing sent in its name when it resets its stream, and the others of the connection are served', async () => {
    await using street = await openCertificateHouse({ pki, config: config() });
    const held = await hold('http2');
    await using client = await openHttp2(street.house, 'app.postern.test', held.client);
    const gone = client.session.request({ ':path': '/gone', ':method': 'POST', ':authority': street.authority('app') });
    gone.on('error', () => {});
    gone.write('body');
    const stayed = client.ask({ path: '/stayed' });
    await held.asked;
    gone.close(8);
    await once(gone, 'close');
    await street.house.logLine(({ path }) => path === '/gone');
    held.answer();
    assert.equal((await stayed).status, 200);
    assert.deepEqual(street.upstream.bytes().match(/^[A-Z]+ \S+ HTTP\/1\.1/gm), ['GET /stayed HTTP/1.1']);
  });
});

describe('a request that waits for an authority', () => {
  it('does not keep Postern from stopping', async () => {
    await using street = await openCertificateHouse({ pki, config: config() });
    const held = await hold('stop');
    const asking = ask(street.house, street.url('app'), { client: held.client }).catch(() => 'cut');
    await held.asked;
    const begun = performance.now();
    await street.house.server.stop(200);
    // The time-out is a minute.
    assert.ok(performance.now() - begun < 5_000);
    await asking;
    assert.equal(street.upstream.bytes(), '');
    held.answer();
  });

  it('is answered when the configuration is replaced meanwhile', async () => {
    await using street = await openCertificateHouse({ pki, config: config() });
    const held = await hold('reload');
    const asking = ask(street.house, street.url('app', '/early'), { client: held.client });
    await held.asked;
    const next = config('ignore_ca_error').replaceAll('{{to}}', street.upstream.url).replace('1m', '50ms');
    await writeFile(street.house.configFile, configText(next, street.house.port));
    assert.ok(await street.house.server.reload());
    // By the new settings nobody waits that long.
    assert.equal((await ask(street.house, street.url('app'), { client: held.client })).status, 200);
    held.answer();
    assert.equal((await asking).status, 200);
  });

  it('shares its question with all the others of its certificate', async () => {
    await using street = await openCertificateHouse({ pki, config: config() });
    const held = await hold('crowd');
    const crowd = Array.from({ length: 40 }, () => ask(street.house, street.url('app'), { client: held.client }));
    await held.asked;
    held.answer();
    assert.deepEqual(new Set((await Promise.all(crowd)).map(({ status }) => status)), new Set([200]));
    assert.equal(front.asked('crowd'), 1);
  });
});
