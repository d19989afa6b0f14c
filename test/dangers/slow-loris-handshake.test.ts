import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { SecureVersion } from 'node:tls';
import { after, before, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { ask } from '../walk/house.ts';
import { closed } from './closed.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse, twoAuthorities } from './certificate-house.ts';
import { captureHello } from './shaped-hello.ts';
import { trickle } from './slow-client.ts';

const versions = ['TLSv1.2', 'TLSv1.3'] as const;
const timely = { timeout: 5_000 };
const noHello = 'no complete ClientHello in time';
const notDone = 'the handshake was not done in time';

/** What a client sends before and after it becomes slow, and what the log says of it in the end. */
interface Vector {
  readonly what: string;
  readonly sends: (hello: Buffer) => Buffer;
  /** Sent a byte at a time for ever; empty: silence. */
  readonly goesOn: (hello: Buffer, version: SecureVersion) => Buffer;
  readonly reason: string;
}

const nothing = Buffer.alloc(0);

/** The header of a record that is never whole, of the kind that is due: OpenSSL looks at the header alone and refuses others. */
function record(version: SecureVersion): Buffer {
  return Buffer.concat([Buffer.of(version === 'TLSv1.3' ? 23 : 22, 3, 3, 0x40, 0), Buffer.alloc(0x40_00, 1)]);
}

// oxfmt-ignore
const vectors: readonly Vector[] = [
  { what: 'nothing',                              sends: () => nothing,                  goesOn: () => nothing,                  reason: noHello },
  { what: 'half a ClientHello',                   sends: (hello) => half(hello),         goesOn: () => nothing,                  reason: noHello },
  { what: 'a ClientHello, byte by byte',          sends: () => nothing,                  goesOn: (hello) => endless(hello),      reason: noHello },
  { what: 'a ClientHello and no more',            sends: (hello) => hello,               goesOn: () => nothing,                  reason: notDone },
  { what: 'a ClientHello, then byte by byte',     sends: (hello) => hello,               goesOn: (_, version) => record(version),                   reason: notDone },
];

/** The limits are the real ones made short: the time after the ClientHello has its own (Traefik CVE-2026-22045 forgot it). */
describe('a client that does not finish its handshake', () => {
  const streets: CertificateHouse[] = [];

  before(async () => {
    const limits = { helloMs: 300, handshakeMs: 600 };
    streets.push(await openCertificateHouse({ limits }));
    streets.push(await openCertificateHouse({ limits, config: `downstream_mtls: {enforcement: reject_connection}\n${twoAuthorities}` }));
  });

  after(async () => {
    for (const street of streets) await street[Symbol.asyncDispose]();
  });

  // Side by side: each waits for the same limits.
  describe('is cut off in time when it sends', { concurrency: true }, () => {
    for (const version of versions) {
      for (const { what, sends, goesOn } of vectors) {
        it(`${what} (${version})`, timely, async () => {
          const attempts = streets.flatMap(({ house }) => ['public', 'a'].map((host) => ({ house, host })));
          await Promise.all(
            attempts.map(async ({ house, host }) => {
              const hello = await captureHello(`${host}.postern.test`, version);
              const socket = await open(house);
              socket.write(sends(hello));
              await slowly(socket, goesOn(hello, version));
            }),
          );
        });
      }
    }
  });

  it('is in the log, with what it kept waiting, and nothing of it is forwarded', () => {
    const expected = vectors.flatMap(({ reason }) => Array.from({ length: 2 * versions.length }, () => reason)).toSorted(inOrder);
    for (const { house, upstream } of streets) {
      const reasons = house.log.filter(({ result }) => result === 'timeout').map(({ reason }) => String(reason));
      assert.deepEqual([reasons.toSorted(inOrder), upstream.bytes()], [expected, '']);
    }
  });

  it('keeps nobody else waiting, however many there are', timely, async () => {
    const [{ house, url }] = streets as [CertificateHouse];
    const hello = await captureHello('a.postern.test', 'TLSv1.3');
    const slow = await Promise.all(Array.from({ length: 200 }, () => open(house)));
    const cutOff = Promise.all(slow.map((socket) => slowly(socket, nothing)));
    for (const [at, socket] of slow.entries()) if (at % 2 === 0) socket.write(hello);
    const answer = await ask(house, url('a'), { client: house.pki.alice });
    assert.equal(answer.status, 200);
    await cutOff;
  });
});

function half(hello: Buffer): Buffer {
  return hello.subarray(0, hello.length / 2);
}

/** A hello that says it is longer than it will be before the test ends. */
function endless(hello: Buffer): Buffer {
  const longer = Buffer.concat([hello, Buffer.alloc(16_000)]);
  longer.writeUInt16BE(16_000, 3);
  longer.writeUIntBE(16_000, 6, 3);
  return longer;
}

async function open({ port }: House): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  socket.on('error', () => socket.destroy());
  return socket;
}

async function slowly(socket: Socket, bytes: Buffer): Promise<void> {
  if (bytes.length > 0) return void (await trickle(socket, bytes));
  socket.resume();
  await closed(socket);
}

function inOrder(one: string, other: string): number {
  return one.localeCompare(other);
}
