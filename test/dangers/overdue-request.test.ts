import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connectPlain, exchangePlain, readToEnd } from '../listener/raw-client.ts';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import { openUpstream } from '../walk/recorder.ts';
import { openSocketUpstream } from '../walk/web-socket.ts';

const host = 'Host: app.postern.test\r\n';
const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';

/** `timeout_write` bounds one request with its answer, whoever of the two sides keeps it going with a byte now and then. */
describe('a request that takes too long', () => {
  let house: House;
  let upstream: Awaited<ReturnType<typeof openUpstream>>;
  let sockets: Awaited<ReturnType<typeof openSocketUpstream>>;
  const gone: (string | undefined)[] = [];

  before(async () => {
    upstream = await openUpstream((request, response) => {
      request.resume();
      response.on('close', () => gone.push(request.url));
      if (request.url?.startsWith('/silent')) return;
      response.writeHead(200);
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    });
    sockets = await openSocketUpstream(() => undefined);
    house = await openHouse({
      config: `
insecure_server: true
timeout_write: 200ms
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true}
  - {from: https://socket.postern.test, to: ${sockets.url}, allow_public_unauthenticated_access: true, allow_websockets: true}
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
    await sockets[Symbol.asyncDispose]();
  });

  it('is answered 504 where no answer was begun, and its upstream is let go', async () => {
    assert.match(await exchangePlain(house.port, `GET /silent HTTP/1.1\r\n${host}Connection: close\r\n\r\n`), /^HTTP\/1\.1 504 /);
    const line = await house.logLine(({ path }) => path === '/silent');
    assert.deepEqual([line['status'], line['decision'], line['failure']], [504, 'allow', 'request-overdue']);
    await house.logLine(({ msg, request_id: id }) => id === line['request_id'] && String(msg).includes('timeout_write'));
    while (!gone.includes('/silent')) await new Promise(setImmediate);
  });

  it('is cut where the answer drips, and never looks whole', async () => {
    const answer = await exchangePlain(house.port, `GET /drip HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.doesNotMatch(answer, /\r\n0\r\n\r\n$/);
    const line = await house.logLine(({ path }) => path === '/drip');
    assert.deepEqual([line['status'], line['failure']], [200, 'request-overdue']);
    while (!gone.includes('/drip')) await new Promise(setImmediate);
  });

  it('is cut where the body drips', async () => {
    const socket = await connectPlain(house.port);
    const answer = readToEnd(socket);
    socket.write(`POST /silent?body HTTP/1.1\r\n${host}Content-Length: 100000\r\n\r\n`);
    const drip = setInterval(() => socket.writable && socket.write('x'), 20);
    const text = await answer;
    clearInterval(drip);
    assert.match(text, /^HTTP\/1\.1 504 /);
  });

  it('is cut behind an upgrade', async () => {
    const answer = await exchangePlain(house.port, `GET / HTTP/1.1\r\n${host.replace('app', 'socket')}${upgrade}\r\n`);
    assert.match(answer, /^HTTP\/1\.1 101 /);
  });
});
