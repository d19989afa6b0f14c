import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import { openUpstream } from '../walk/recorder.ts';
import { connectTls, requestText } from './raw-client.ts';
import { askTwo, connectTwo } from './raw-http2.ts';
import { trickle } from './slow-client.ts';

const timely = { timeout: 5_000 };

/** Fields and body that come at once, and what comes after them a byte at a time and without end; nothing: silence. */
interface Vector {
  readonly what: string;
  readonly target?: string;
  readonly host?: string;
  readonly fields: readonly string[];
  readonly body?: string;
  readonly goesOn?: string;
  readonly status: number;
  /** Whether the upstream saw anything: the head goes out with the first byte of the body. */
  readonly forwarded: boolean;
}

const length = ['Content-Length: 100000'];
const expectant = [...length, 'Expect: 100-continue'];
const chunked = ['Transfer-Encoding: chunked'];

// oxfmt-ignore
const vectors: readonly Vector[] = [
  { what: 'stops before it',                           fields: length,                                     status: 408, forwarded: false },
  { what: 'stops within it',                           fields: length, body: 'x'.repeat(100),              status: 408, forwarded: true },
  { what: 'asks whether to send it and does not',      fields: expectant,                                  status: 408, forwarded: false },
  { what: 'stops within a chunk',                      fields: chunked, body: '10\r\nx',                   status: 408, forwarded: true },
  { what: 'sends the size of a chunk slowly',          fields: chunked, goesOn: '0',                       status: 408, forwarded: false },
  { what: 'sends a chunk extension slowly',            fields: chunked, body: '10;', goesOn: 'x',          status: 408, forwarded: false },
  { what: 'sends its trailers slowly',                 fields: chunked, body: '0\r\n', goesOn: 'x: y\r\n', status: 408, forwarded: false },
  { what: 'sends it slowly on a route with a timeout', fields: length, target: '/limited', goesOn: 'x',    status: 504, forwarded: true },
  { what: 'may not send it at all',                    fields: length, host: 'a', goesOn: 'x',             status: 495, forwarded: false },
];

const inHttp2 = vectors.filter(({ fields, body = '' }) => fields === length && (body === '' || !body.includes('\r\n')));

describe('a client that does not finish its body', () => {
  let house: House;
  let upstream: AsyncDisposable & { readonly url: string };
  const ended = new EventEmitter();
  /** Requests that ended: their target, and what of request and answer was not whole. */
  const seen: string[] = [];

  before(async () => {
    upstream = await openUpstream((request, response) => {
      response.once('close', () => {
        seen.push(`${request.url} ${request.complete ? 'whole' : 'cut'}, ${response.writableFinished ? 'read' : 'not read'}`);
        ended.emit('request');
      });
      request.on('error', () => request.destroy());
      request.resume().once('end', () => response.end(request.url === '/large' ? Buffer.alloc(32 * 1024 * 1024) : 'ok'));
    });
    house = await openHouse({
      limits: { bodyIdleMs: 200, lingerMs: 100, writeStallMs: 200, checkEveryMs: 50 },
      config: `
routes:
  - {from: https://public.postern.test, to: '${upstream.url}', prefix: /limited, timeout: 400ms, allow_public_unauthenticated_access: true}
  - {from: https://public.postern.test, to: '${upstream.url}', timeout: 0s, allow_public_unauthenticated_access: true}
  - {from: https://a.postern.test, to: '${upstream.url}', tls_downstream_client_ca_file: ca-a.pem, allow_public_unauthenticated_access: true}
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  for (const { what, target = '/', host = 'public', fields, body = '', goesOn = '', status, forwarded } of vectors) {
    it(`and ${what}, is answered ${status} and cut off (HTTP/1.1)`, timely, async () => {
      seen.length = 0;
      const socket = await connectTls(house, { sni: `${host}.postern.test` });
      let answers = '';
      socket.on('data', (chunk: Buffer) => (answers += chunk.toString('latin1')));
      socket.write(requestText([`POST ${target} HTTP/1.1`, `Host: ${host}.postern.test`, ...fields], body));
      await trickle(socket, goesOn);
      if (forwarded && seen.length === 0) await once(ended, 'request');
      const statuses = [...answers.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((found) => Number(found[1])).filter((code) => code !== 100);
      assert.deepEqual([statuses, seen], [[status], forwarded ? [`${target} cut, not read`] : []]);
    });
  }

  for (const { what, target = '/', host = 'public', body = '', goesOn = '', status, forwarded } of inHttp2) {
    it(`and ${what}, is answered ${status} and its stream closed (HTTP/2)`, timely, async () => {
      seen.length = 0;
      const session = await connectTwo(house, { sni: `${host}.postern.test` });
      const stream = session.request({
        ':method': 'POST',
        ':path': target,
        ':authority': `${host}.postern.test`,
        'content-length': '100000',
      });
      const response = once(stream, 'response');
      stream.write(body);
      await trickle(stream, goesOn);
      if (forwarded && seen.length === 0) await once(ended, 'request');
      const [headers] = (await response) as [{ ':status': number }];
      assert.deepEqual([headers[':status'], seen], [status, forwarded ? [`${target} cut, not read`] : []]);
      const other = await askTwo(session, [
        [':method', 'GET'],
        [':scheme', 'https'],
        [':path', '/'],
        [':authority', 'public.postern.test'],
      ]);
      assert.equal(other.status, 200, 'the other streams go on');
      session.destroy();
    });
  }

  it('nor its answer is cut off (HTTP/1.1)', timely, async () => {
    seen.length = 0;
    const socket = await connectTls(house);
    socket.write(requestText(['GET /large HTTP/1.1', 'Host: public.postern.test']));
    await once(ended, 'request');
    assert.deepEqual(seen, ['/large whole, not read']);
    socket.destroy();
  });

  it('nor its answer is cut off (HTTP/2)', timely, async () => {
    seen.length = 0;
    const session = await connectTwo(house);
    session.request({ ':path': '/large', ':authority': 'public.postern.test' }).on('error', () => undefined);
    await once(ended, 'request');
    assert.deepEqual(seen, ['/large whole, not read']);
    session.destroy();
  });
});
