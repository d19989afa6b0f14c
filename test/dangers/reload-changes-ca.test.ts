import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { configText } from '../walk/house.ts';
import type { Pki } from '../walk/pki.ts';
import { makePki } from '../walk/pki.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import type { OpensslClient } from './openssl-client.ts';
import { openOpenssl } from './openssl-client.ts';
import type { RawOptions } from './raw-client.ts';
import { connectRaw, requestText } from './raw-client.ts';
import { askTwo, connectTwo } from './raw-http2.ts';

type Mode = 'nothing' | 'A' | 'B' | 'A and B' | 'A, or no connection' | 'B, or no connection';

/** One host whose demand changes while a connection to it is open: its certificate counts only if the new set accepts it. */
interface Vector {
  readonly from: Mode;
  readonly to: Mode;
  readonly client: keyof Pick<Pki, 'alice' | 'ofB' | 'expired'> | undefined;
  readonly before: number;
  readonly after: number;
}

// oxfmt-ignore
const vectors: readonly Vector[] = [
  { from: 'A',                   to: 'B',                   client: 'alice',   before: 200, after: 495 },
  { from: 'A and B',             to: 'A',                   client: 'ofB',     before: 200, after: 495 },
  { from: 'A and B',             to: 'A',                   client: 'alice',   before: 200, after: 200 },
  { from: 'A',                   to: 'A and B',             client: 'alice',   before: 200, after: 200 },
  { from: 'A',                   to: 'B',                   client: undefined, before: 495, after: 495 },
  { from: 'A',                   to: 'B',                   client: 'expired', before: 495, after: 495 },
  // Nobody was asked on the old connection: a new one has to be opened, on which they are.
  { from: 'nothing',             to: 'A',                   client: 'alice',   before: 200, after: 421 },
  { from: 'nothing',             to: 'A',                   client: undefined, before: 200, after: 421 },
  { from: 'nothing',             to: 'A, or no connection', client: 'alice',   before: 200, after: 421 },
  { from: 'A',                   to: 'nothing',             client: undefined, before: 495, after: 200 },
  { from: 'A',                   to: 'A, or no connection', client: undefined, before: 495, after: 495 },
  { from: 'A, or no connection', to: 'B, or no connection', client: 'alice',   before: 200, after: 495 },
  { from: 'A, or no connection', to: 'B',                   client: 'alice',   before: 200, after: 495 },
  { from: 'A, or no connection', to: 'A',                   client: 'alice',   before: 200, after: 200 },
];

/** A session or connection of before was taken for what it had been judged by then (Envoy CVE-2022-21654, Go CVE-2025-68121). */
describe('a connection that is older than the authorities in force', () => {
  let street: CertificateHouse;
  let openssl: OpensslClient;
  let pki: Pki;

  before(async () => {
    [pki, openssl] = await Promise.all([makePki(), openOpenssl()]);
    street = await openCertificateHouse({ pki, config: configOf('nothing') });
  });

  after(async () => {
    await openssl[Symbol.asyncDispose]();
    await street[Symbol.asyncDispose]();
  });

  function configOf(mode: Mode): string {
    const bundle = (mode.includes('A') ? pki.caA.certificatePem : '') + (mode.includes('B') ? pki.caB.certificatePem : '');
    const ca = bundle === '' ? '' : `, tls_downstream_client_ca: ${Buffer.from(bundle).toString('base64')}`;
    const enforcement = mode.includes('no connection') ? 'reject_connection' : 'policy_with_default_deny';
    return `
downstream_mtls: {enforcement: ${enforcement}}
routes: [{from: https://a.postern.test, to: '{{to}}', allow_public_unauthenticated_access: true${ca}}]
`;
  }

  async function put(mode: Mode): Promise<void> {
    const { house, upstream } = street;
    await writeFile(house.configFile, configText(configOf(mode).replaceAll('{{to}}', upstream.url), house.port));
    assert.equal(await house.server.reload(), true);
    upstream.clear();
  }

  const raw = (client: Vector['client']): RawOptions => ({ sni: 'a.postern.test', client: client === undefined ? undefined : pki[client] });
  const request = (): string => requestText(['GET / HTTP/1.1', `Host: ${street.authority('a')}`]);

  for (const { from, to, client, ...expected } of vectors) {
    const who = client ?? 'nobody';
    it(`answers ${who} ${expected.after} when "${to}" has replaced "${from}" (HTTP/1.1)`, async () => {
      await put(from);
      using connection = await connectRaw(street.house, raw(client));
      connection.write(request());
      assert.equal((await connection.answer())?.status, expected.before);
      await put(to);
      connection.write(request());
      assert.deepEqual([(await connection.answer())?.status, street.upstream.bytes() !== ''], [expected.after, expected.after === 200]);
    });

    it(`answers ${who} ${expected.after} when "${to}" has replaced "${from}" (HTTP/2)`, async () => {
      await put(from);
      const session = await connectTwo(street.house, raw(client));
      const fields = [
        [':method', 'GET'],
        [':scheme', 'https'],
        [':path', '/'],
        [':authority', street.authority('a')],
      ] as const;
      assert.equal((await askTwo(session, fields)).status, expected.before);
      await put(to);
      const { status } = await askTwo(session, fields);
      assert.deepEqual([status, street.upstream.bytes() !== ''], [expected.after, expected.after === 200]);
      session.destroy();
    });
  }

  for (const version of ['-tls1_2', '-tls1_3']) {
    it(`leaves no session behind that a new one could begin with (${version})`, async () => {
      const session = openssl.file(`session${version}`);
      const input = `GET / HTTP/1.1\r\nHost: ${street.authority('a')}\r\nConnection: close\r\n\r\n`;
      const run = (...more: string[]) => openssl.run({ port: street.house.port, sni: 'a.postern.test', input, more: [version, ...more] });
      await put('nothing');
      const opened = await run('-sess_out', session);
      const again = await run('-sess_in', session);
      assert.deepEqual([opened.statuses, again.statuses, again.resumed], [[200], [200], true]);
      await put('A');
      const late = await run('-sess_in', session);
      assert.deepEqual([late.statuses, late.resumed, street.upstream.bytes()], [[495], false, '']);
    });
  }
});
