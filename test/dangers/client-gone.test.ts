import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { after, before, describe, it } from 'node:test';
import { freePort } from '../free-ports.ts';
import { Visitor } from '../walk/visitor.ts';
import { dial, openSocketUpstream } from '../walk/web-socket.ts';
import { whenNothingIsOpen } from './open-streams.ts';
import { connectRaw, connectTls, requestText } from './raw-client.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';
import type { WaitingUpstream } from './waiting-upstream.ts';
import { openWaiting } from './waiting-upstream.ts';

/** A client that goes away leaves its line in the log, and nothing of itself behind, whenever it goes. */
describe('a client that goes away', () => {
  let street: Street;
  let upstream: WaitingUpstream;
  let sockets: AsyncDisposable & { readonly url: string };
  let metricsPort: number;

  before(async () => {
    upstream = await openWaiting();
    sockets = await openSocketUpstream((socket) => socket.on('message', () => undefined));
    metricsPort = await freePort();
    street = await openStreet(`
metrics_address: 127.0.0.1:${metricsPort}
routes:
  - {name: app, from: https://app.postern.test, to: '${upstream.url}', allow_any_authenticated_user: true}
  - {name: socket, from: https://socket.postern.test, to: '${sockets.url}', allow_any_authenticated_user: true, allow_websockets: true}
`);
  });

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
    await sockets[Symbol.asyncDispose]();
  });

  let further = 0;

  /** Of somebody who signed in before a reload. Another set of hosts makes another identity, which has to read every session first. */
  async function cookieOfColdSession(host: string): Promise<string> {
    const visitor = new Visitor(street.house, street.provider);
    const { answer } = await visitor.arrive(street.url(host, '/.pomerium/user'));
    assert.equal(answer.status, 200);
    further += 1;
    const route = `  - {from: https://further-${further}.postern.test, to: '${upstream.url}', allow_any_authenticated_user: true}\n`;
    await appendFile(street.house.configFile, route);
    assert.ok(await street.house.server.reload());
    return visitor.jar.cookies(street.url(host));
  }

  for (const [protocol, leave] of [
    ['http/1.1', leaveHttp1],
    ['h2', leaveHttp2],
  ] as const) {
    it(`while the upstream thinks is recorded as one that went away, over ${protocol}`, async () => {
      const target = `/${protocol}`;
      await leave(target, await cookieOfColdSession('app'));
      const line = await street.house.logLine((each) => each['path'] === target);
      assert.deepEqual([line['route'], line['decision'], line['failure'], line['bytes_sent']], ['app', 'allow', 'client-aborted', 0]);
      await whenNothingIsOpen(metricsPort);
    });
  }

  it('from a WebSocket leaves the line of a switched protocol', async () => {
    const cookie = await cookieOfColdSession('socket');
    const dialled = await dial(street.house, 'socket.postern.test', { headers: { cookie } });
    assert.ok(dialled.kind === 'open');
    dialled.socket.terminate();
    const line = await street.house.logLine((each) => each['route'] === 'socket' && each['path'] === '/socket');
    assert.deepEqual([line['status'], line['decision']], [101, 'allow']);
    await whenNothingIsOpen(metricsPort);
  });

  it('because it is cut off at the end of a drain leaves such a line too, and the process stops', async () => {
    const cookie = await cookieOfColdSession('socket');
    const dialled = await dial(street.house, 'socket.postern.test', { headers: { cookie } });
    assert.ok(dialled.kind === 'open');
    dialled.socket.on('error', () => undefined);
    const linesSoFar = street.house.log.length;
    await street.house.server.stop(0);
    const line = street.house.log.slice(linesSoFar).find((each) => each['route'] === 'socket');
    assert.deepEqual([line?.['status'], line?.['decision']], [101, 'allow']);
  });

  async function leaveHttp1(target: string, cookie: string): Promise<void> {
    using connection = await connectRaw(street.house, { sni: 'app.postern.test' });
    connection.write(requestText([`GET ${target} HTTP/1.1`, `Host: ${street.authority('app')}`, `Cookie: ${cookie}`]));
    await upstream.received(target);
  }

  async function leaveHttp2(target: string, cookie: string): Promise<void> {
    const socket = await connectTls(street.house, { sni: 'app.postern.test', alpn: ['h2'] });
    const session = connectHttp2(street.url('app'), { createConnection: () => socket });
    session.on('error', () => undefined);
    const request = session.request({ ':path': target, ':authority': street.authority('app'), cookie });
    request.on('error', () => undefined);
    await upstream.received(target);
    session.destroy();
  }
});
