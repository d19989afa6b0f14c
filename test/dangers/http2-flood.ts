import assert from 'node:assert/strict';
import type { TLSSocket } from 'node:tls';
import type { House } from '../walk/house.ts';
import { ask, openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { connectTls } from './raw-client.ts';
import { frame, literal } from './raw-http2.ts';

/** A house with one public route, whose connections are looked at often enough for a test. */
export interface FloodHouse extends AsyncDisposable {
  readonly house: House;
  readonly upstream: Recorder;
}

export async function openFloodHouse(): Promise<FloodHouse> {
  const upstream = await openRecorder();
  const house = await openHouse({
    config: `routes: [{name: public, from: https://public.postern.test, to: '${upstream.url}', allow_public_unauthenticated_access: true}]`,
    limits: { checkEveryMs: 50, lingerMs: 200 },
  });
  return {
    house,
    upstream,
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

export const preface: Buffer = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, Buffer.alloc(0))]);

const requestFields: Buffer = Buffer.concat([
  literal(':method', 'GET'),
  literal(':scheme', 'https'),
  literal(':authority', 'public.postern.test'),
]);

/** The header section of a request, without flags of its end. */
export function headerSection(path: string, method: 'GET' | 'POST' = 'GET'): Buffer {
  const fields =
    method === 'GET'
      ? requestFields
      : Buffer.concat([literal(':method', method), requestFields.subarray(literal(':method', 'GET').length)]);
  return Buffer.concat([fields, literal(':path', path)]);
}

/** A whole request in one frame. */
export function request(stream: number, path: string): Buffer {
  return frame(1, 0x5, stream, headerSection(path));
}

export const streamId = (index: number): number => 1 + 2 * index;

/** A number in a frame: an error code, an increment. */
export function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export interface Flooded {
  /** How much went out before the connection was closed. */
  readonly bytesSent: number;
  /** The error code of a GOAWAY, where one was still readable. */
  readonly goAway: number | undefined;
  /** How much the whole process grew meanwhile, the client's own part included. */
  readonly grownBytes: number;
  /** What another client was answered meanwhile. */
  readonly others: readonly number[];
}

const most = 256 * 1024 * 1024;

/** Sends the same bytes again and again until the other side closes, reading all that comes back. Fails when it is never closed. */
export async function flood(house: House, opening: Buffer, piece: (turn: number) => Buffer): Promise<Flooded> {
  const socket = await connectTls(house, { alpn: ['h2'] });
  const reader = readGoAway(socket);
  const before = process.memoryUsage.rss();
  let largest = before;
  const others = askMeanwhile(house, socket);
  socket.write(Buffer.concat([preface, opening]));
  for (let turn = 0; socket.writable; turn += 1) {
    assert.ok(socket.bytesWritten < most, 'the flood was never ended');
    if (!socket.write(piece(turn))) await drained(socket);
    // Our own process serves them: it has to get its turn.
    await new Promise(setImmediate);
    largest = Math.max(largest, process.memoryUsage.rss());
  }
  await new Promise<void>((resolve) => (socket.closed ? resolve() : socket.once('close', () => resolve())));
  return { bytesSent: socket.bytesWritten, goAway: reader.code(), grownBytes: largest - before, others: await others };
}

function drained(socket: TLSSocket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.once('drain', done).once('close', done);
  });
}

async function askMeanwhile(house: House, socket: TLSSocket): Promise<readonly number[]> {
  const statuses: number[] = [];
  do statuses.push((await ask(house, 'https://public.postern.test/other')).status);
  while (!socket.closed);
  return statuses;
}

function readGoAway(socket: TLSSocket): { code(): number | undefined } {
  let pending = Buffer.alloc(0);
  let code: number | undefined;
  socket.removeAllListeners('error');
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 9 && pending.length >= 9 + pending.readUIntBE(0, 3)) {
      const length = pending.readUIntBE(0, 3);
      if (pending[3] === 7) code = pending.readUInt32BE(9 + 4);
      pending = pending.subarray(9 + length);
    }
  });
  return { code: () => code };
}

/** What every flood has to come to: an early end, no more than a bound of memory, and everybody else served. */
export function assertHarmless({ bytesSent, grownBytes, others }: Flooded, bounds: { readonly bytes: number }): void {
  assert.ok(bytesSent <= bounds.bytes, `${bytesSent} bytes were taken`);
  assert.ok(grownBytes < 96 * 1024 * 1024, `the process grew by ${grownBytes} bytes`);
  assert.deepEqual(
    others.filter((status) => status !== 200),
    [],
  );
}

/** Waits for the line that says that such a connection was ended. */
export async function untilLogged(house: House, reason: string): Promise<void> {
  await house.logLine((line) => line['reason'] === reason && String(line['msg']).startsWith('An HTTP/2 connection was ended'));
}
