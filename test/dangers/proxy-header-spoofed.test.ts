import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { after, before, beforeEach, describe, it } from 'node:test';
import { binaryHeader, tcp4 } from '../listener/proxy-header-bytes.ts';
import { readToEnd } from '../listener/raw-client.ts';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';

const host = 'office.postern.test';
const line = (source: string): string => `PROXY TCP4 ${source} 198.51.100.1 1 443\r\n`;

/** A policy by address is worth what is known of the address: from the PROXY header where it is required, from the socket everywhere else. */
describe('a PROXY header', () => {
  let behind: House;
  let facing: House;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    const routes = `
routes: [{from: https://${host}, to: ${upstream.url}, policy: {allow: {and: [source_ip: 192.0.2.0/24]}}}]
`;
    behind = await openHouse({ config: `use_proxy_protocol: true\n${routes}`, limits: { helloMs: 300 } });
    facing = await openHouse({ config: routes, limits: { helloMs: 300 } });
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await behind[Symbol.asyncDispose]();
    await facing[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  it('names the peer for policy, log and upstream, where it is required', async () => {
    const headers = [Buffer.from(line('192.0.2.7')), binaryHeader(0x21, 0x11, tcp4('192.0.2.7', 1))];
    for (const header of headers) {
      upstream.clear();
      assert.match(await ask(behind, header), /^HTTP\/1\.1 200/);
      assert.match(upstream.bytes(), /^X-Forwarded-For: 192\.0\.2\.7\r$/im);
    }
    const logged = await behind.logLine(({ status }) => status === 200);
    assert.equal(logged['remote_address'], '192.0.2.7');
    assert.match(await ask(behind, Buffer.from(line('203.0.113.9'))), /^HTTP\/1\.1 40[13]/);
    assert.match(
      await ask(behind, Buffer.from('PROXY UNKNOWN 192.0.2.7 192.0.2.7 1 1\r\n')),
      /^HTTP\/1\.1 40[13]/,
      'nobody said who it is',
    );
  });

  it('is never believed twice: a second one belongs to what it is sent in front of', async () => {
    assert.doesNotMatch(await ask(behind, Buffer.from(line('203.0.113.9') + line('192.0.2.7'))), /200/);
    const inside = await ask(behind, Buffer.from(line('203.0.113.9')), line('192.0.2.7'));
    assert.doesNotMatch(inside, /^HTTP\/1\.1 200/);
    assert.equal(upstream.bytes(), '');
  });

  it('lets nobody in who sends none, half of one or another one', async () => {
    const none = [
      '',
      'PROXY TCP4 192.0.2.7 198.51.100.1 1',
      'PROXY TCP4 0192.0.2.7 198.51.100.1 1 443\r\n',
      line('192.0.2.7').replace('\r\n', '\n'),
    ];
    for (const header of none) assert.equal(await ask(behind, Buffer.from(header)), '', header);
    assert.equal(upstream.bytes(), '');
    for (const reason of [/does not begin with a PROXY header/, /does not parse/, /more than 107 bytes/])
      await behind.logLine(({ msg, reason: told }) => msg === 'A TLS handshake was not completed' && reason.test(String(told)));
  });

  it('says nothing to a listener that does not ask for one', async () => {
    assert.doesNotMatch(await ask(facing, Buffer.from(line('192.0.2.7'))), /200/);
    assert.equal(await ask(facing, binaryHeader(0x21, 0x11, tcp4('192.0.2.7', 1))), '');
    assert.match(await ask(facing, Buffer.alloc(0), `GET / HTTP/1.1\r\nX-Forwarded-For: 192.0.2.7\r\n`), /^HTTP\/1\.1 40[13]/);
    assert.equal(upstream.bytes(), '');
  });
});

/** What comes back, in TLS or in the clear. */
async function ask(house: House, header: Buffer, start = 'GET / HTTP/1.1\r\n'): Promise<string> {
  const raw = connectTcp({ host: '127.0.0.1', port: house.port });
  raw.on('error', () => undefined);
  await once(raw, 'connect');
  if (header.length > 0) raw.write(header);
  const socket = connectTls({
    socket: raw,
    servername: host,
    ca: house.pki.serverCa.certificatePem,
    checkServerIdentity: () => undefined,
  });
  const begun = start.startsWith('GET') ? start : `${start}GET / HTTP/1.1\r\n`;
  socket.write(`${begun}Host: ${host}\r\nConnection: close\r\n\r\n`);
  return await readToEnd(socket);
}
