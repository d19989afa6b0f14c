import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { Duplex } from 'node:stream';
import type { AnswerReading, Circumstances } from './read-answer.ts';

/** What Node's own client, and `llhttp` in it, makes of the bytes of an answer: strict, and with limits that ours stays below. */
export async function readByNode(bytes: Buffer, { method, closes }: Circumstances): Promise<AnswerReading> {
  const heads: (readonly [number, readonly string[]])[] = [];
  const body: Buffer[] = [];
  let answer: IncomingMessage | undefined;
  const connection = new Wire();
  const sent = request({
    method,
    createConnection: () => connection,
    headers: { Connection: 'keep-alive' },
    insecureHTTPParser: false,
    maxHeaderSize: 1024 * 1024,
  });
  sent.maxHeadersCount = 0;
  const { promise: outcome, resolve } = Promise.withResolvers<AnswerReading['outcome']>();
  sent.on('information', ({ statusCode, rawHeaders }) => heads.push([statusCode, rawHeaders]));
  sent.once('upgrade', () => resolve('broken'));
  sent.once('error', () => resolve('broken'));
  sent.once('response', (response) => {
    answer = response;
    heads.push([response.statusCode ?? 0, response.rawHeaders]);
    response.on('data', (chunk: Buffer) => body.push(chunk));
    response.once('error', () => resolve('broken'));
    response.once('end', () => resolve('whole'));
  });
  sent.end();
  await new Promise((asked) => sent.once('finish', asked));
  connection.push(bytes);
  if (closes) connection.push(null);
  // Everything was pushed: what does not come now never will.
  void pause().then(() => resolve('part'));
  const reading = {
    outcome: await outcome,
    heads,
    body: Buffer.concat(body).toString('latin1'),
    trailers: answer?.rawTrailers ?? [],
    persists: sent.shouldKeepAlive,
  };
  sent.destroy();
  connection.destroy();
  return reading;
}

async function pause(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A connection without a network. */
class Wire extends Duplex {
  override _read(): void {
    // Pushed to from outside.
  }

  override _write(_chunk: Buffer, _encoding: BufferEncoding, written: () => void): void {
    written();
  }
}
