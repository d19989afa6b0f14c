import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Answer, AskOptions, House } from './house.ts';
import { ask, openHouse } from './house.ts';
import { openHttp2 } from './http2-client.ts';
import type { Recorder } from './recorder.ts';
import { openRecorder } from './recorder.ts';

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Hosts that ask for a client certificate, each for one of its own authority, and nobody has to sign in. */
describe('a host that asks for a client certificate', () => {
  let house: House;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    house = await openHouse({
      config: `
routes:
  - {name: a, from: https://a.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: ca-a.pem}
  - {name: b, from: https://b.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: ca-b.pem}
  - {name: open, from: https://open.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true}
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  beforeEach(() => upstream.clear());

  const visit = (host: string, client: AskOptions['client']): Promise<Answer> =>
    ask(house, `https://${host}.postern.test/page`, { client, headers: { accept: 'text/html' } });

  async function refused(host: string, client: AskOptions['client']): Promise<Answer> {
    const answer = await visit(host, client);
    assert.deepEqual([answer.status, upstream.bytes()], [495, '']);
    return answer;
  }

  it('serves whoever presents a certificate of its authority', async () => {
    const { alice } = house.pki;
    const answer = await visit('a', alice);
    assert.deepEqual([answer.status, answer.body], [200, 'ok']);
    assert.match(upstream.bytes(), /^GET \/page HTTP\/1\.1\r\n/);
    const line = await house.logLine((each) => each['route'] === 'a' && each['status'] === 200);
    assert.deepEqual(
      [line['decision'], line['client_certificate_sha256'], line['certificate_detail']],
      ['allow', alice.certificate.fingerprint256.replaceAll(':', '').toLowerCase(), null],
    );
  });

  it('refuses none, one of another authority, one of an authority of the same name, and an expired one', async () => {
    const { ofB, ofSameName, expired } = house.pki;
    const details: Record<string, unknown> = {};
    for (const [kind, client] of Object.entries({ none: undefined, ofB, ofSameName, expired })) {
      const { body } = await refused('a', client);
      const [id] = body.match(uuid) ?? [];
      const line = await house.logLine((each) => each['request_id'] === id);
      details[kind] = [line['decision'], line['reasons'], line['certificate_detail'], line['route']];
    }
    assert.deepEqual(details, {
      none: ['deny', ['client-certificate-required'], null, 'a'],
      ofB: ['deny', ['invalid-client-certificate'], 'unknown-ca', 'a'],
      ofSameName: ['deny', ['invalid-client-certificate'], 'unknown-ca', 'a'],
      expired: ['deny', ['invalid-client-certificate'], 'expired', 'a'],
    });
  });

  it('shows one and the same page for a missing and for an invalid certificate, but for the reference', async () => {
    const { ofB, ofSameName, expired } = house.pki;
    const answers = [await refused('a', undefined)];
    for (const client of [ofB, ofSameName, expired]) answers.push(await refused('a', client));
    const references = answers.map(({ body }) => new Set(body.match(uuid)));
    assert.deepEqual(
      references.map((found) => found.size),
      [1, 1, 1, 1],
    );
    assert.equal(new Set(references.flatMap((found) => [...found])).size, 4);
    const [first, ...others] = answers.map(({ body, headers }) =>
      [body, JSON.stringify({ ...headers, date: '' })].map((text) => text.replaceAll(uuid, 'ID')),
    );
    for (const other of others) assert.deepEqual(other, first);
  });

  it('accepts at each host its own authority only', async () => {
    const { alice, ofB } = house.pki;
    assert.equal((await visit('b', ofB)).status, 200);
    upstream.clear();
    await refused('b', alice);
    await refused('b', undefined);
    assert.equal((await visit('a', alice)).status, 200);
  });

  it('looks at no certificate where none is asked for', async () => {
    const { expired } = house.pki;
    for (const client of [undefined, expired]) assert.equal((await visit('open', client)).status, 200);
    const line = await house.logLine((each) => each['route'] === 'open');
    assert.equal(line['client_certificate_sha256'], null);
  });

  it('refuses over HTTP/2 what it refuses over HTTP/1.1', async () => {
    const { alice, ofSameName } = house.pki;
    const statuses: number[] = [];
    for (const client of [undefined, ofSameName, alice]) {
      await using connection = await openHttp2(house, 'a.postern.test', client);
      statuses.push((await connection.ask()).status);
    }
    assert.deepEqual(statuses, [495, 495, 200]);
    assert.equal(upstream.bytes().match(/ HTTP\/1\.1\r\n/g)?.length, 1);
  });

  it('is not served over a connection that was opened for another host', async () => {
    const { alice } = house.pki;
    const misdirected = await ask(house, 'https://a.postern.test/', { sni: 'open.postern.test', client: alice });
    assert.deepEqual([misdirected.status, misdirected.headers.connection, upstream.bytes()], [421, 'close', '']);
    await using connection = await openHttp2(house, 'a.postern.test', alice);
    const statuses: number[] = [];
    for (const name of ['a', 'b', 'open', 'a']) {
      statuses.push((await connection.ask({ host: `${name}.postern.test:${house.port}` })).status);
    }
    assert.deepEqual(statuses, [200, 421, 200, 200], 'a refused stream leaves the connection alone');
  });
});
