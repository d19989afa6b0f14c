import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { get } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import type { House } from './house.ts';
import { freePort } from '../free-ports.ts';
import { openHouse } from './house.ts';
import { openHttp2 } from './http2-client.ts';
import { openUpstream } from './recorder.ts';
import { dial, openSocketUpstream } from './web-socket.ts';

const host = 'app.postern.test';

/** Stopping: what runs comes to its end, nothing new begins, and the grace has an end as well. */
describe('stop()', () => {
  it('lets requests in flight end, over both protocols, and takes nothing new', async () => {
    const held = holdingUpstream(2);
    await using upstream = await openUpstream(held.handle);
    const healthPort = await freePort();
    await using house = await openHouse({ config: routeTo(upstream.url), healthPort });
    await using connection = await openHttp2(house, host);
    assert.equal(await readiness(healthPort), 200);

    const first = ask(house);
    const second = connection.ask();
    const responses = await held.arrived;
    const stopped = house.server.stop(20_000);
    await house.logLine(({ msg }) => String(msg).startsWith('Postern is stopping'));
    assert.equal(await connects(house.port), 'ECONNREFUSED');
    assert.equal(await readiness(healthPort), 503);
    await assert.rejects(connection.ask({ path: '/late' }));

    for (const response of responses) response.end('whole');
    const { status, headers, body } = await first;
    assert.deepEqual([status, headers.connection, body], [200, 'close', 'whole']);
    assert.deepEqual(await second.then((answer) => [answer.status, answer.body]), [200, 'whole']);
    await stopped;
    assert.equal(await connects(healthPort), 'ECONNREFUSED');
    assert.deepEqual(
      house.log.slice(-1).map(({ msg }) => msg),
      ['Postern has stopped'],
    );
  });

  it('ends connections that are kept alive without a request at once', async () => {
    await using upstream = await openUpstream((_, response) => response.end('ok'));
    await using house = await openHouse({ config: routeTo(upstream.url) });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const answer = await ask(house, agent);
    assert.deepEqual([answer.status, Object.values(agent.freeSockets).flat().length], [200, 1]);
    // Long enough for the test to fail where the grace were waited for.
    await house.server.stop(60_000);
    agent.destroy();
  });

  it('cuts streams and WebSockets that are still open when the grace is over', async () => {
    const begun = Promise.withResolvers<void>();
    await using upstream = await openUpstream((_, response) => response.write('tick', () => begun.resolve()));
    await using sockets = await openSocketUpstream(() => {});
    await using house = await openHouse({
      config: `${routeTo(upstream.url)}  - {name: socket, from: https://socket.postern.test, to: ${sockets.url}, allow_websockets: true, allow_public_unauthenticated_access: true}\n`,
    });
    const request = open(house);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await begun.promise;
    const cut = once(response.resume(), 'error');
    const dialled = await dial(house, 'socket.postern.test');
    assert.ok(dialled.kind === 'open');
    const closed = once(dialled.socket as unknown as NodeJS.EventEmitter, 'close');
    await house.server.stop(100);
    assert.equal(((await cut) as [NodeJS.ErrnoException])[0].code, 'ECONNRESET');
    assert.equal(((await closed) as [number])[0], 1001, 'and whoever reads a WebSocket is told why');
  });

  it('called again shortens the grace, and waits for the same end', async () => {
    const held = holdingUpstream(1);
    await using upstream = await openUpstream(held.handle);
    await using house = await openHouse({ config: routeTo(upstream.url) });
    const request = open(house);
    const cut = once(request, 'error');
    await held.arrived;
    const patient = house.server.stop(60_000);
    await Promise.all([house.server.stop(0), patient, cut]);
    await house.server.stop(0);
    assert.equal(house.log.filter(({ msg }) => msg === 'Postern has stopped').length, 1);
    assert.equal(await house.server.reload(), false);
  });
});

function routeTo(url: string): string {
  return `routes:\n  - {name: app, from: https://${host}, to: ${url}, allow_public_unauthenticated_access: true}\n`;
}

/** Answers nothing by itself; `arrived` resolves with the answers to give once `count` requests are there. */
function holdingUpstream(count: number): {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  readonly arrived: Promise<readonly ServerResponse[]>;
} {
  const responses: ServerResponse[] = [];
  const { promise, resolve } = Promise.withResolvers<readonly ServerResponse[]>();
  return {
    arrived: promise,
    handle(_request, response) {
      responses.push(response);
      if (responses.length === count) resolve(responses);
    },
  };
}

function open(house: House, agent?: Agent): ReturnType<typeof httpsRequest> {
  const request = httpsRequest({
    host: '127.0.0.1',
    port: house.port,
    servername: host,
    headers: { host },
    ca: house.pki.serverCa.certificatePem,
    agent: agent ?? false,
  });
  request.end();
  return request;
}

async function ask(
  house: House,
  agent?: Agent,
): Promise<{ status: number | undefined; headers: IncomingMessage['headers']; body: string }> {
  const [response] = (await once(open(house, agent), 'response')) as [IncomingMessage];
  const chunks = await response.toArray();
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks as Buffer[]).toString() };
}

async function readiness(port: number): Promise<number | undefined> {
  const [response] = (await once(get({ host: '127.0.0.1', port, path: '/readyz', agent: false }), 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

async function connects(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return 'connected';
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  } finally {
    socket.destroy();
  }
}
