import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { House } from './house.ts';
import { openHouse } from './house.ts';
import type { Recorder } from './recorder.ts';
import { openRecorder } from './recorder.ts';
import type { DialOptions, Socket } from './web-socket.ts';
import { dial, openSocketUpstream } from './web-socket.ts';

/** WebSockets pass the same gate as every request, and nothing of a refused one reaches an upstream. */
describe('a WebSocket', () => {
  let house: House;
  let upstream: AsyncDisposable & { readonly url: string };
  let recorder: Recorder;
  const arrived: { socket: Socket; headers: Readonly<Record<string, unknown>>; closed: Promise<readonly [number, string]> }[] = [];

  before(async () => {
    recorder = await openRecorder();
    upstream = await openSocketUpstream((socket, { headers }) => {
      arrived.push({ socket, headers, closed: whenClosed(socket) });
      socket.on('message', (data, isBinary) => socket.send(isBinary ? data : data.toString()));
    });
    house = await openHouse({
      config: `
authenticate_service_url: https://auth.postern.test:{{port}}
idp_provider: oidc
idp_provider_url: http://127.0.0.1:9/
idp_client_id: postern
idp_client_secret: secret
routes:
  - {name: socket, from: https://socket.postern.test, to: ${upstream.url}, allow_websockets: true, allow_public_unauthenticated_access: true}
  - {name: dozing, from: https://dozing.postern.test, to: ${upstream.url}, allow_websockets: true, idle_timeout: 400ms, allow_public_unauthenticated_access: true}
  - {name: certified, from: https://certified.postern.test, to: ${upstream.url}, allow_websockets: true, allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: ca-a.pem}
  - {name: guarded, from: https://guarded.postern.test, to: ${recorder.url}, allow_websockets: true, allow_any_authenticated_user: true}
  - {name: closed, from: https://closed.postern.test, to: ${recorder.url}, allow_websockets: true, policy: {allow: {or: [{reject: true}]}}}
  - {name: secret, from: https://secret.postern.test, to: ${recorder.url}, allow_websockets: true, allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: ca-a.pem}
  - {name: plain, from: https://plain.postern.test, to: ${recorder.url}, allow_public_unauthenticated_access: true}
  - {name: mute, from: https://mute.postern.test, to: ${recorder.url}, allow_websockets: true, allow_public_unauthenticated_access: true}
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
    await recorder[Symbol.asyncDispose]();
  });

  async function open(host: string, options?: DialOptions): Promise<Socket> {
    const dialled = await dial(house, `${host}.postern.test`, options);
    return dialled.kind === 'open' ? dialled.socket : assert.fail(`refused with ${dialled.status}`);
  }

  async function statusOf(host: string, options?: DialOptions): Promise<number> {
    const dialled = await dial(house, `${host}.postern.test`, options);
    return dialled.kind === 'refused' ? dialled.status : assert.fail('it was opened');
  }

  it('that is allowed carries texts and bytes both ways, and our word for who asks', async () => {
    const socket = await open('socket', { headers: { 'x-pomerium-claim-email': 'mallory@example.com', 'x-mine': '1' } });
    assert.equal(await exchange(socket, 'Zażółć'), 'Zażółć');
    assert.deepEqual(await exchange(socket, Buffer.from([0, 255, 128])), Buffer.from([0, 255, 128]));
    const { headers } = arrived.at(-1) ?? assert.fail('nothing arrived');
    assert.deepEqual([headers['x-mine'], headers['x-pomerium-claim-email'], headers['x-forwarded-proto']], ['1', undefined, 'https']);
    socket.close();
    const line = await house.logLine((each) => each['route'] === 'socket');
    assert.deepEqual([line['status'], line['decision'], line['path']], [101, 'allow', '/socket']);
  });

  it('carries big frames both ways', async () => {
    const socket = await open('socket');
    const frame = randomBytes(9 * 1024 * 1024);
    const echoed = await exchange(socket, frame);
    assert.ok(Buffer.isBuffer(echoed) && echoed.equals(frame));
    socket.close();
  });

  it('carries 10,000 messages both ways, each once and in order', async () => {
    const socket = await open('socket');
    const count = 10_000;
    let next = 0;
    const all = new Promise<void>((resolve, reject) => {
      socket.on('message', (data) => {
        if (data.toString() !== `message ${next}`) reject(new Error(`${data.toString()} came in the place of ${next}`));
        next += 1;
        if (next === count) resolve();
      });
    });
    for (let index = 0; index < count; index += 1) socket.send(`message ${index}`);
    await all;
    socket.close();
  });

  it('in which nothing moves for the idle time of its route ends with 1001', async () => {
    const socket = await open('dozing');
    const closed = whenClosed(socket);
    for (const word of ['one', 'two', 'three']) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      assert.equal(await exchange(socket, word), word, 'whoever says something now and then stays');
    }
    assert.deepEqual(await closed, [1001, '']);
    await house.logLine(({ route, failure }) => route === 'dozing' && failure === 'upstream-idle');
  });

  it('carries the close code and reason from either side', async () => {
    const first = await open('socket');
    const upstreamSide = arrived.at(-1);
    first.close(4001, 'enough');
    assert.deepEqual(await upstreamSide?.closed, [4001, 'enough']);
    const second = await open('socket');
    const closed = whenClosed(second);
    arrived.at(-1)?.socket.close(4002, 'go away');
    assert.deepEqual(await closed, [4002, 'go away']);
  });

  it('ends at the upstream when the client vanishes, and the other way round', async () => {
    const first = await open('socket');
    const gone = arrived.at(-1)?.closed;
    first.terminate();
    assert.deepEqual(await gone, [1006, '']);
    const second = await open('socket');
    const closed = whenClosed(second);
    arrived.at(-1)?.socket.terminate();
    assert.deepEqual(await closed, [1006, '']);
  });

  it('gets the subprotocol that the upstream chose', async () => {
    const chatting = await open('socket', { protocols: ['superchat', 'chat'] });
    const { headers } = arrived.at(-1) ?? assert.fail('nothing arrived');
    assert.deepEqual([chatting.protocol, headers['sec-websocket-protocol']], ['chat', 'superchat,chat']);
    chatting.close();
  });

  it('of somebody who is not signed in gets 401 and no redirect', async () => {
    const dialled = await dial(house, 'guarded.postern.test');
    assert.ok(dialled.kind === 'refused');
    assert.deepEqual([dialled.status, dialled.headers.location, dialled.headers.connection], [401, undefined, 'close']);
    assert.equal(recorder.bytes(), '');
    const line = await house.logLine((each) => each['route'] === 'guarded');
    assert.deepEqual([line['status'], line['decision'], line['reasons']], [401, 'sign-in', ['user-unauthenticated']]);
  });

  it('that the policy denies gets 403, and so does one on a route without WebSockets', async () => {
    assert.deepEqual([await statusOf('closed'), await statusOf('plain'), recorder.bytes()], [403, 403, '']);
    const line = await house.logLine((each) => each['route'] === 'plain');
    assert.deepEqual([line['decision'], line['reasons']], ['deny', ['upgrade-not-allowed']]);
  });

  it('without a good certificate gets 495 before a byte of it reaches an upstream', async () => {
    const { ofB, expired, alice } = house.pki;
    const statuses = [await statusOf('secret'), await statusOf('secret', { client: ofB }), await statusOf('secret', { client: expired })];
    assert.deepEqual([statuses, recorder.bytes()], [[495, 495, 495], '']);
    const socket = await open('certified', { client: alice });
    assert.equal(await exchange(socket, 'hello'), 'hello');
    socket.close();
  });

  it('to nowhere gets 404', async () => {
    assert.equal(await statusOf('nobody'), 404);
  });

  it('to an upstream that speaks none gets its plain answer, and no tunnel', async () => {
    assert.equal(await statusOf('mute'), 200);
  });
});

function whenClosed(socket: Socket): Promise<readonly [number, string]> {
  return new Promise((resolve) => socket.on('close', (code, reason) => resolve([code, reason.toString()])));
}

function exchange(socket: Socket, message: string | Buffer): Promise<string | Buffer> {
  return new Promise((resolve) => {
    socket.once('message', (data, isBinary) => resolve(isBinary ? data : data.toString()));
    socket.send(message);
  });
}
