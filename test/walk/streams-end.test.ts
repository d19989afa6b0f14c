import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import { crlOf, inline } from '../dangers/revocation-lists.ts';
import type { ProviderServer } from '../identity/provider-server.ts';
import { openProvider } from '../identity/provider-server.ts';
import type { House } from './house.ts';
import { freePort } from '../free-ports.ts';
import { configText, openHouse } from './house.ts';
import { openEvents, tickForEver } from './endless-events.ts';
import { openHttp2 } from './http2-client.ts';
import { makePki } from './pki.ts';
import { openUpstream } from './recorder.ts';
import { signInKeys } from './sign-in-keys.ts';
import { Visitor } from './visitor.ts';
import type { Socket } from './web-socket.ts';
import { dial, openSocketUpstream } from './web-socket.ts';

/** A stream ends when its right to exist does: on sign-out, expiry, revocation and reload, judged as a new request would be. */
describe('a stream', () => {
  let house: House;
  let provider: ProviderServer;
  let events: AsyncDisposable & { readonly url: string };
  let sockets: AsyncDisposable & { readonly url: string };
  let revoked: readonly Issued[] = [];
  let bob: Issued;

  /** `policy` of the route `app`, and what may be added to it. */
  const configOf = (policy: string, more: Readonly<Record<string, string>> = {}): string => `
${signInKeys(provider)}
cookie_expire: ${more['expire'] ?? '1h'}
downstream_mtls: {crl: ${inline(crlOf(house?.pki.caA ?? pki.caA, revoked))}}
routes:
  - {name: app, from: https://app.postern.test, to: ${more['to'] ?? sockets.url}, prefix: /socket, allow_websockets: true, policy: ${policy}}
  - {name: events, from: https://app.postern.test, to: ${more['to'] ?? events.url}, policy: ${policy}}
  - {name: sealed, from: https://sealed.postern.test, to: ${events.url}, tls_downstream_client_ca_file: ca-a.pem, allow_public_unauthenticated_access: true}
`;
  const anybody = '{allow: {or: [{authenticated_user: true}]}}';
  let pki: Awaited<ReturnType<typeof makePki>>;

  before(async () => {
    pki = await makePki();
    bob = await issueClientCertificate(pki.caA, {
      commonName: 'bob',
      emails: ['bob@example.com'],
      from: new Date(Date.now() - 60_000),
      to: new Date(Date.now() + 3_600_000),
    });
    events = await openUpstream(tickForEver);
    sockets = await openSocketUpstream((socket) => {
      const timer = setInterval(() => socket.send('tick'), 50);
      socket.on('close', () => clearInterval(timer));
    });
    const port = await freePort();
    provider = await openProvider(`https://auth.postern.test:${port}`);
    house = await openHouse({ port, pki, judgeEveryMs: 200, config: configOf(anybody) });
  });

  beforeEach(async () => {
    revoked = [];
    await put(configOf(anybody));
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
    await events[Symbol.asyncDispose]();
    await sockets[Symbol.asyncDispose]();
  });

  async function put(config: string): Promise<void> {
    await writeFile(house.configFile, configText(config, house.port));
    assert.ok(await house.server.reload(), 'the configuration is good');
  }

  it('of somebody who signs out ends, on HTTP/1.1, on HTTP/2 and as a WebSocket, and nobody else’s does', async () => {
    const [alice, other] = [await signedIn(), await signedIn()];
    const own = await openAll(alice);
    const others = await openAll(other);
    await alice.visit(`https://app.postern.test:${house.port}/.pomerium/sign_out`);
    assert.deepEqual(await own.ends, ['connection closed', 'stream reset', 1008]);
    assert.deepEqual(others.state(), ['open', 'open', 'open']);
    const line = await house.logLine(({ msg, decision }) => decision === 'sign-in' && String(msg).startsWith('A stream is ended'));
    assert.deepEqual(line['reasons'], ['user-unauthenticated']);
    await house.logLine(({ failure, status }) => failure === 'access-ended' && status === 200);
    others.close();
  });

  it('ends with the session that it was opened with', async () => {
    await put(configOf(anybody, { expire: '3s' }));
    const streams = await openAll(await signedIn());
    assert.deepEqual(await streams.ends, ['connection closed', 'stream reset', 1008]);
  });

  it('of somebody whom a new policy denies ends, and one that it allows does not', async () => {
    const streams = await openAll(await signedIn());
    await put(configOf('{allow: {or: [{email: {is: alice@example.com}}]}}'));
    await passed(600);
    assert.deepEqual(streams.state(), ['open', 'open', 'open']);
    await put(configOf('{allow: {or: [{email: {is: carol@example.com}}]}}'));
    assert.deepEqual(await streams.ends, ['connection closed', 'stream reset', 1008]);
  });

  it('ends when a policy that knows the time says so', async () => {
    const streams = await openAll(await signedIn());
    const soon = new Date(Date.now() + 2_000).toISOString();
    await put(configOf(`{allow: {and: [{authenticated_user: true}, {date: {before: "${soon}"}}]}}`));
    assert.deepEqual(streams.state(), ['open', 'open', 'open']);
    assert.deepEqual(await streams.ends, ['connection closed', 'stream reset', 1008]);
  });

  it('ends when its route is gone, or leads elsewhere', async () => {
    const streams = await openAll(await signedIn());
    await put(configOf(anybody, { to: 'http://127.0.0.1:9' }));
    assert.deepEqual(await streams.ends, ['connection closed', 'stream reset', 1008]);
    await house.logLine(({ reasons }) => Array.isArray(reasons) && reasons.includes('upstream-changed'));
  });

  it('over a certificate that is revoked ends, and one over another certificate does not', async () => {
    const [ofAlice, ofBob] = [await openEvents(house, 'sealed', { client: pki.alice }), await openEvents(house, 'sealed', { client: bob })];
    revoked = [pki.alice];
    await put(configOf(anybody));
    assert.equal(await ofAlice.end, 'connection closed');
    assert.equal(ofBob.state(), 'open');
    ofBob.close();
  });

  it('that was not answered yet ends with 403', async () => {
    const visitor = await signedIn();
    const answer = visitor.visit(`https://app.postern.test:${house.port}/silent`);
    await house.logLine(({ path }) => path === '/events');
    await passed(300);
    await put(configOf('{allow: {or: [{reject: true}]}}'));
    assert.equal((await answer).status, 403);
  });

  async function signedIn(): Promise<Visitor> {
    const visitor = new Visitor(house, provider);
    const { answer } = await visitor.arrive(`https://app.postern.test:${house.port}/short`);
    assert.equal(answer.status, 200);
    return visitor;
  }

  /** One stream of each kind, all of one session. */
  async function openAll(visitor: Visitor) {
    const cookie = visitor.jar.cookies(`https://app.postern.test:${house.port}/`);
    const http1 = await openEvents(house, 'app', { headers: { cookie } });
    const http2 = await openOverHttp2(cookie);
    const socket = await openSocket(cookie);
    const all = [http1, http2, socket];
    return {
      ends: Promise.all(all.map(({ end }) => within<string | number>(end, 5_000))),
      state: () => all.map(({ state }) => state()),
      close: () => all.forEach(({ close }) => close()),
    };
  }

  async function openOverHttp2(cookie: string) {
    const client = await openHttp2(house, 'app.postern.test');
    const session: ClientHttp2Session = client.session;
    const stream: ClientHttp2Stream = session.request({ ':path': '/events', ':authority': `app.postern.test:${house.port}`, cookie });
    const [headers] = (await once(stream, 'response')) as [Readonly<Record<string, unknown>>];
    assert.equal(headers[':status'], 200);
    stream.resume();
    let state = 'open';
    let whole = false;
    stream.on('end', () => (whole = true));
    const end = new Promise<string>((resolve) => {
      stream.on('error', () => undefined);
      stream.once('close', () => {
        state = whole && stream.rstCode === 0 ? 'looks whole' : 'stream reset';
        resolve(state);
        session.destroy();
      });
    });
    return { end, state: () => state, close: () => session.destroy() };
  }

  async function openSocket(cookie: string) {
    const dialled = await dial(house, 'app.postern.test', { headers: { cookie, host: `app.postern.test:${house.port}` } });
    assert.ok(dialled.kind === 'open', JSON.stringify(dialled));
    const socket: Socket = dialled.socket;
    let state = 'open';
    socket.on('error', () => undefined);
    const end = new Promise<number>((resolve) => {
      socket.once('close', (code) => {
        state = 'closed';
        resolve(code);
      });
    });
    return { end, state: () => state, close: () => socket.terminate() };
  }
});

function passed(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function within<T>(what: Promise<T>, milliseconds: number): Promise<T | 'still open'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'still open'>((resolve) => (timer = setTimeout(() => resolve('still open'), milliseconds)));
  return Promise.race([what, late]).finally(() => clearTimeout(timer));
}
