import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { after, before, describe, it } from 'node:test';
import type { Http2Upstream } from '../upstream/http2-upstream.ts';
import { openHttp2Upstream } from '../upstream/http2-upstream.ts';
import type { House } from './house.ts';
import { openHouse } from './house.ts';
import { openHttp2 } from './http2-client.ts';
import { openUpstream } from './recorder.ts';

/** What an upstream got: the announcement, the body, the trailers, and whether a trailer became a header. */
interface Got {
  readonly announced: string | undefined;
  readonly body: string;
  readonly trailers: Readonly<Record<string, unknown>>;
  readonly asHeader: unknown;
}

const sent = {
  'X-Sum': '42',
  'X-Pomerium-Claim-Email': 'root@example.com',
  Authorization: 'Bearer x',
  Host: 'other',
  'X-Named': 'y',
  'If-Match': 'z',
};

describe('trailers', () => {
  let house: House;
  let one: AsyncDisposable & { readonly url: string };
  let two: Http2Upstream;
  const got: Got[] = [];

  before(async () => {
    one = await openUpstream((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { trailer, 'x-sum': asHeader } = request.headers;
        got.push({ announced: trailer, body, trailers: request.trailers, asHeader });
        response.writeHead(200, { trailer: 'X-Back, Content-Type' });
        response.write('answer');
        response.addTrailers({ 'X-Back': 'there', 'Content-Type': 'text/html', 'X-Request-Id': 'theirs' });
        response.end();
      });
    });
    two = await openHttp2Upstream((stream, headers) => {
      let body = '';
      let trailers: Record<string, unknown> = {};
      stream.on('data', (chunk: Buffer) => (body += chunk.toString()));
      stream.on('trailers', (fields) => (trailers = plain(fields)));
      stream.on('end', () => {
        got.push({ announced: headers['trailer'], body, trailers, asHeader: headers['x-sum'] });
        stream.respond({ ':status': 200 }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'x-back': 'there', 'content-type': 'text/html', 'x-request-id': 'theirs' }));
        stream.end('answer');
      });
    });
    const isPublic = 'allow_public_unauthenticated_access: true';
    house = await openHouse({
      config: `
routes:
  - {from: https://one.postern.test, to: '${one.url}', ${isPublic}}
  - {from: https://two.postern.test, to: '${two.url.href}', ${isPublic}}
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await one[Symbol.asyncDispose]();
    await two[Symbol.asyncDispose]();
  });

  async function overHttp1(name: string, announced: string | undefined): Promise<readonly [body: string, back: unknown]> {
    const host = `${name}.postern.test`;
    const request = httpsRequest({
      host: '127.0.0.1',
      port: house.port,
      servername: host,
      method: 'POST',
      agent: false,
      ca: house.pki.serverCa.certificatePem,
      headers: { host, connection: 'close, X-Named', ...(announced === undefined ? {} : { trailer: announced }) },
    });
    request.write('some ');
    request.addTrailers(sent);
    request.end('text');
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let body = '';
    for await (const chunk of response) body += String(chunk);
    return [body, response.trailers];
  }

  async function overHttp2(name: string, announced: string | undefined): Promise<readonly [body: string, back: unknown]> {
    await using connection = await openHttp2(house, `${name}.postern.test`);
    const { body, trailers } = await connection.ask({
      method: 'POST',
      body: 'some text',
      headers: { te: 'trailers', ...(announced === undefined ? {} : { trailer: announced }) },
      trailers: Object.fromEntries(Object.entries(sent).filter(([key]) => key !== 'Host' && key !== 'X-Named')),
    });
    return [body, plain(trailers)];
  }

  const names = 'X-Sum, Authorization, X-Pomerium-Claim-Email';
  for (const [from, ask] of Object.entries({ 'HTTP/1.1': overHttp1, 'HTTP/2': overHttp2 })) {
    it(`of a request over ${from} that announces them arrive, but for those that could be no headers`, async () => {
      for (const name of ['one', 'two']) {
        assert.deepEqual(await ask(name, ask === overHttp1 ? `${names}, X-Named` : names), ['answer', { 'x-back': 'there' }]);
        const seen = got.at(-1);
        assert.deepEqual(
          { ...seen, trailers: { ...seen?.trailers } },
          { announced: 'X-Sum', body: 'some text', trailers: { 'x-sum': '42' }, asHeader: undefined },
        );
      }
    });

    it(`of a request over ${from} that does not, arrive over HTTP/2 and are left out over HTTP/1.1`, async () => {
      for (const [name, trailers] of [
        ['one', {}],
        ['two', { 'x-sum': '42' }],
      ] as const) {
        assert.deepEqual(await ask(name, undefined), ['answer', { 'x-back': 'there' }]);
        const seen = got.at(-1);
        assert.deepEqual(
          { ...seen, trailers: { ...seen?.trailers } },
          { announced: undefined, body: 'some text', trailers, asHeader: undefined },
        );
      }
    });
  }
});

/** Without the symbols that Node adds. */
function plain(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields));
}
