import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { issueServerCertificate } from '../../src/certificate/issue-certificate.ts';
import { connectRaw, connectTls, requestText } from '../dangers/raw-client.ts';
import type { House } from './house.ts';
import { openHouse } from './house.ts';
import { openHttp2 } from './http2-client.ts';
import { openUpstream } from './recorder.ts';
import { dial, openSocketUpstream } from './web-socket.ts';

const host = 'app.postern.test';
const day = 86_400_000;

/** A certificate is renewed every few weeks, under everything that is open. */
describe('a server certificate that is replaced on reload', () => {
  let house: House;
  let upstream: AsyncDisposable & { readonly url: string };
  let sockets: AsyncDisposable & { readonly url: string };
  const streams: ServerResponse[] = [];

  before(async () => {
    upstream = await openUpstream(({ url }, response) => {
      if (url !== '/stream') return void response.end('ok');
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      streams.push(response);
    });
    sockets = await openSocketUpstream((socket) => socket.on('message', (message) => socket.send(String(message))));
    house = await openHouse({
      config: `routes:
  - {name: app, from: https://${host}, to: '${upstream.url}', allow_public_unauthenticated_access: true}
  - {name: socket, from: https://socket.postern.test, to: '${sockets.url}', allow_websockets: true, allow_public_unauthenticated_access: true}`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
    await sockets[Symbol.asyncDispose]();
  });

  async function serialNow(): Promise<string> {
    const socket = await connectTls(house, { sni: host });
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  }

  async function replace(): Promise<void> {
    const [from, to] = [new Date(Date.now() - day), new Date(Date.now() + day)];
    const next = await issueServerCertificate(house.pki.serverCa, { commonName: 'renewed', dnsNames: ['*.postern.test'], from, to });
    await writeFile(join(house.directory, 'server.pem'), next.certificatePem);
    await writeFile(join(house.directory, 'server.key'), next.keyPem);
    assert.ok(await house.server.reload());
  }

  it('is shown by the next handshake, and drops no connection, stream or socket', { timeout: 15_000 }, async () => {
    using kept = await connectRaw(house, { sni: host });
    const askKept = async (): Promise<string | undefined> => {
      kept.write(requestText(['GET / HTTP/1.1', `Host: ${host}`]));
      return (await kept.answer())?.body;
    };
    await using two = await openHttp2(house, host);
    const stream = two.session.request({ ':path': '/stream', ':authority': host });
    const responded = once(stream, 'response');
    let text = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const dialled = await dial(house, 'socket.postern.test');
    assert.ok(dialled.kind === 'open');
    const echo = async (word: string): Promise<string> => {
      const answer = once(dialled.socket as unknown as NodeJS.EventEmitter, 'message');
      dialled.socket.send(word);
      return String(((await answer) as unknown[])[0]);
    };
    assert.deepEqual([await askKept(), await echo('before')], ['ok', 'before']);
    await responded;

    const serials = [await serialNow()];
    for (const round of ['first', 'second']) {
      await replace();
      serials.push(await serialNow());
      for (const response of streams) response.write(`${round} `);
      assert.deepEqual([await askKept(), (await two.ask()).body, await echo(round)], ['ok', 'ok', round]);
    }
    for (const response of streams) response.end('end');
    await once(stream, 'close');
    assert.equal(text, 'first second end');
    assert.equal(new Set(serials).size, 3);
    dialled.socket.terminate();
  });
});
