import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import { openHttp2 } from '../walk/http2-client.ts';
import { openUpstream } from '../walk/recorder.ts';
import { connectTls, requestText } from './raw-client.ts';

const timely = { timeout: 30_000 };
const lineBytes = 16;
// More than there are buffers to lend, so that they change hands.
const downloads = 36;

/**
 * Buffers that answers are read into are used again for other answers: one that is overwritten while a client still has to get its bytes
 * would show one person what is another's.
 */
describe('downloads side by side', () => {
  let upstream: AsyncDisposable & { readonly url: string };
  let tls: House;
  let plain: House;

  before(async () => {
    upstream = await openUpstream(({ url = '' }, response) => {
      const [, framing, number = ''] = url.split('/');
      const size = sizeOf(Number(number));
      response.writeHead(200, framing === 'length' ? { 'content-length': size } : {});
      writeBody(response, number, size);
    });
    const routes = `routes: [{name: public, from: https://public.postern.test, to: '${upstream.url}', allow_public_unauthenticated_access: true}]`;
    // Everything happens in one process here: being late is no reason to refuse anybody.
    const overload = { enterLagMs: 60_000 };
    [tls, plain] = await Promise.all([
      openHouse({ config: routes, overload }),
      openHouse({ config: `insecure_server: true\n${routes}`, overload }),
    ]);
  });

  after(async () => {
    await Promise.all([tls[Symbol.asyncDispose](), plain[Symbol.asyncDispose]()]);
    await upstream[Symbol.asyncDispose]();
  });

  const overTls = (): Promise<Socket> => connectTls(tls);
  const inTheClear = async (): Promise<Socket> => connect({ host: '127.0.0.1', port: plain.port });
  // A length, even of nothing, leaves the lane of simple requests.
  const parsed = 'Content-Length: 0';
  const ways: readonly (readonly [name: string, open: () => Promise<Socket>, field: string])[] = [
    ['over TLS', overTls, 'X-A: b'],
    ['over TLS, by way of the parser', overTls, parsed],
    ['without TLS', inTheClear, 'X-A: b'],
    ['without TLS, by way of the parser', inTheClear, parsed],
  ];
  for (const [name, open, field] of ways) {
    it(`bring everybody their own bytes ${name}, however slowly they read, and whoever leaves in between`, timely, async () => {
      const numbers = Array.from({ length: downloads }, (_, index) => String(index).padStart(4, '0'));
      const wrong = await Promise.all(
        numbers.map(async (number, index) => {
          const framing = index % 2 === 0 ? 'length' : 'chunks';
          const socket = await open();
          socket.write(requestText([`GET /${framing}/${number} HTTP/1.1`, 'Host: public.postern.test', 'Connection: close', field]));
          return read(socket, number);
        }),
      );
      assert.deepEqual(
        wrong.filter((each) => each !== undefined),
        [],
      );
    });
  }

  it('bring everybody their own bytes over HTTP/2', timely, async () => {
    await using client = await openHttp2(tls, 'public.postern.test');
    const numbers = Array.from({ length: downloads }, (_, index) => String(index).padStart(4, '0'));
    const wrong = await Promise.all(
      numbers.map(async (number) => {
        const stream = client.session.request({ ':authority': 'public.postern.test', ':path': `/length/${number}` });
        return read(stream, number);
      }),
    );
    assert.deepEqual(
      wrong.filter((each) => each !== undefined),
      [],
    );
  });
});

type Manner = 'patient' | 'leaving' | 'quick';

/** Some do not read before the others have got much of theirs, and some go away half way. */
function mannerOf(number: number): Manner {
  return number % 18 === 0 ? 'patient' : number % 3 === 0 ? 'leaving' : 'quick';
}

/** For the patient, more than the kernel keeps. */
function sizeOf(number: number): number {
  return mannerOf(number) === 'patient' ? 12 * 1024 * 1024 : 256 * 1024;
}

/** A body that says in every line whose it is, and where in it one is; in pieces that are lent, and that a socket takes without complaint. */
function writeBody(response: ServerResponse, number: string, size: number): void {
  let at = 0;
  const go = (): void => {
    if (response.destroyed) return;
    const until = Math.min(at + 48 * 1024, size);
    const text = textOf(number, at, until);
    at = until;
    if (at === size) response.end(text, 'latin1');
    else if (response.write(text, 'latin1')) setImmediate(go);
    else response.once('drain', go);
  };
  go();
}

function textOf(number: string, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at += lineBytes) text += `[${number} ${String(at).padStart(8, '0')}]\n`;
  return text;
}

/** What was wrong. */
async function read(from: NodeJS.ReadableStream & { destroy(): unknown }, number: string): Promise<string | undefined> {
  const manner = mannerOf(Number(number));
  const size = sizeOf(Number(number));
  let text = '';
  const { promise: over, resolve } = Promise.withResolvers<void>();
  if (manner === 'patient') setTimeout(take, 500);
  else take();
  await over;
  // The size of a chunk may stand in the midst of a line.
  const body = text.slice(text.indexOf('[')).replaceAll(/\r\n[0-9a-f]+\r\n/g, '');
  const isWhole = manner !== 'leaving' && body.startsWith(textOf(number, 0, size));
  if (isWhole) return undefined;
  const stranger = body.match(/\[\d{4} \d{8}\]/g)?.find((line) => !line.startsWith(`[${number} `));
  if (stranger !== undefined) return `${number} got ${stranger}`;
  return manner === 'leaving' ? undefined : `${number} is not whole, or not in order: ${body.length} bytes`;

  function take(): void {
    from.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (manner === 'leaving' && text.length > size / 2) from.destroy();
    });
    from.on('error', () => resolve());
    from.on('close', () => resolve());
  }
}
