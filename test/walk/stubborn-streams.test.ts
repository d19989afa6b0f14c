import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { headerSection, number, preface } from '../dangers/http2-flood.ts';
import { connectTls } from '../dangers/raw-client.ts';
import { frame } from '../dangers/raw-http2.ts';
import { crlOf, inline } from '../dangers/revocation-lists.ts';
import type { ProviderServer } from '../identity/provider-server.ts';
import { openProvider } from '../identity/provider-server.ts';
import { openEvents, tickForEver } from './endless-events.ts';
import type { House, LogLine } from './house.ts';
import { freePort } from '../free-ports.ts';
import { configText, openHouse } from './house.ts';
import type { Pki } from './pki.ts';
import { makePki } from './pki.ts';
import { openUpstream } from './recorder.ts';
import { signInKeys } from './sign-in-keys.ts';
import { Visitor } from './visitor.ts';
import { dial, openSocketUpstream } from './web-socket.ts';

const judgeEveryMs = 100;

/** Streams whose end nobody waits for, whose policy alone would let them live on, or that are still there when Postern stops. */
describe('a stubborn stream', () => {
  let house: House;
  let provider: ProviderServer;
  let pki: Pki;
  let upstream: AsyncDisposable & { readonly url: string };
  let sockets: AsyncDisposable & { readonly url: string };
  let revoked: readonly Issued[] = [];

  const everybody = 'allow_public_unauthenticated_access: true';
  const nobody = 'policy: {allow: {or: [{reject: true}]}}';
  const configOf = (access: string): string => `
${signInKeys(provider)}
cookie_domain: postern.test
downstream_mtls: {enforcement: policy, crl: ${inline(crlOf(pki.caA, revoked))}}
routes:
  - {name: app, from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
  - {name: socket, from: https://socket.postern.test, to: ${sockets.url}, allow_websockets: true, ${everybody}}
  - {name: public, from: https://public.postern.test, to: ${upstream.url}, ${access}}
  - {name: sealed, from: https://sealed.postern.test, to: ${upstream.url}, tls_downstream_client_ca_file: ca-a.pem, ${access}}
`;

  before(async () => {
    pki = await makePki();
    upstream = await openUpstream((request, response) => {
      seen.push(request.url ?? '');
      tickForEver(request, response);
    });
    sockets = await openSocketUpstream(() => undefined);
    const port = await freePort();
    provider = await openProvider(`https://auth.postern.test:${port}`);
    house = await openHouse({ port, pki, judgeEveryMs, config: configOf(everybody) });
  });

  beforeEach(async () => {
    revoked = [];
    await put(everybody);
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
    await sockets[Symbol.asyncDispose]();
  });

  it('is told to have ended once, however long its client does not read the reply', async () => {
    const socket = await connectTls(house, { alpn: ['h2'] });
    socket.resume();
    const shut = frame(4, 0, 0, Buffer.concat([Buffer.of(0, 4), number(0)]));
    socket.write(Buffer.concat([preface, shut, frame(1, 0x5, 1, headerSection('/silent'))]));
    await arrived('/silent');
    await put(nobody);
    await house.logLine(isEnd);
    await rounds(5);
    assert.equal(house.log.filter(isEnd).length, 1);
    socket.destroy();
  });

  it('ends with the session that the upstream was told of, though anybody is let in', async () => {
    const visitor = new Visitor(house, provider);
    await visitor.arrive(`https://app.postern.test:${house.port}/short`);
    const cookie = visitor.jar.cookies(`https://public.postern.test:${house.port}/`);
    assert.notEqual(cookie, '');
    const [own, anonymous] = [await openEvents(house, 'public', { headers: { cookie } }), await openEvents(house, 'public')];
    await rounds(3);
    assert.deepEqual([own.state(), anonymous.state()], ['open', 'open']);
    await visitor.visit(`https://app.postern.test:${house.port}/.pomerium/sign_out`);
    assert.equal(await own.end, 'connection closed');
    await rounds(3);
    assert.equal(anonymous.state(), 'open');
    const line = await house.logLine(({ reasons }) => Array.isArray(reasons) && reasons[0] === 'visitor-changed');
    assert.deepEqual([line['decision'], line['route']], ['deny', 'public']);
    anonymous.close();
  });

  it('ends with the certificate that the upstream was told of, though anybody is let in', async () => {
    const [own, anonymous] = [await openEvents(house, 'sealed', { client: pki.alice }), await openEvents(house, 'sealed')];
    revoked = [pki.alice];
    await put(everybody);
    assert.equal(await own.end, 'connection closed');
    await rounds(3);
    assert.equal(anonymous.state(), 'open');
    anonymous.close();
  });

  it('is no error when Postern stops', async () => {
    await openEvents(house, 'public');
    const dialled = await dial(house, 'socket.postern.test', { headers: { host: `socket.postern.test:${house.port}` } });
    assert.ok(dialled.kind === 'open');
    dialled.socket.on('error', () => undefined);
    const linesBefore = house.log.length;
    await house.server.stop(200);
    const lines = house.log.slice(linesBefore);
    assert.equal(lines.filter(({ failure, path }) => failure === 'server-stopping' && path !== undefined).length, 2);
    assert.deepEqual(
      lines.filter(({ level }) => level === 'error' || level === 'warn'),
      [],
    );
  });

  async function put(access: string): Promise<void> {
    await writeFile(house.configFile, configText(configOf(access), house.port));
    assert.ok(await house.server.reload(), 'the configuration is good');
  }
});

const seen: string[] = [];

async function arrived(url: string): Promise<void> {
  while (!seen.includes(url)) await new Promise((resolve) => setTimeout(resolve, 10));
}

function isEnd({ msg }: LogLine): boolean {
  return String(msg).startsWith('A stream is ended');
}

function rounds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * judgeEveryMs));
}
