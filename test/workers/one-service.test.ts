import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { SecureVersion } from 'node:tls';
import { connect } from 'node:tls';
import { after, before, describe, it } from 'node:test';
import type { ProviderServer } from '../identity/provider-server.ts';
import { openProvider } from '../identity/provider-server.ts';
import { freePort } from '../free-ports.ts';
import { ask } from '../walk/house.ts';
import { openUpstream } from '../walk/recorder.ts';
import { signInKeys } from '../walk/sign-in-keys.ts';
import { Visitor } from '../walk/visitor.ts';
import type { KeptConnection, WorkerHouse } from './worker-house.ts';
import { eventually, openWorkerHouse } from './worker-house.ts';

const launcher = join(import.meta.dirname, '../../bin/postern');
const app = 'app.postern.test';
const cards = 'cards.postern.test';

/** Two processes that share everything, one story from the start to the end. */
describe('two workers', { timeout: 120_000 }, () => {
  let house: WorkerHouse;
  let provider: ProviderServer;
  let upstream: AsyncDisposable & { readonly url: string };
  let held: ServerResponse | undefined;
  let lines: readonly [KeptConnection, KeptConnection];

  const routes = (more = ''): string => `${signInKeys(provider)}
routes:
  - {name: app, from: 'https://${app}', to: '${upstream.url}', allow_any_authenticated_user: true${more}}
  - {name: public, from: 'https://public.postern.test', to: '${upstream.url}', allow_public_unauthenticated_access: true}
  - {name: cards, from: 'https://${cards}', to: '${upstream.url}', tls_downstream_client_ca_file: ca-a.pem, allow_public_unauthenticated_access: true}`;

  before(async () => {
    const port = await freePort();
    provider = await openProvider(`https://auth.postern.test:${port}`);
    upstream = await openUpstream(({ url }, response) => {
      if (url === '/held') held = response;
      else response.end('ok');
    });
    house = await openWorkerHouse(routes(), { port });
    await house.complete();
    lines = [await house.reach(1, app), await house.reach(2, app)];
  });

  after(async () => {
    for (const line of lines ?? []) line[Symbol.dispose]();
    await house?.[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });

  it('share the port, and are told apart in /status', async () => {
    // Connections that met the other worker than was wanted were ended; whose they were may not have noticed yet.
    const rows = await eventually(async () => {
      const found = await house.workers();
      return found.every(({ connections }) => connections === 1) ? found : undefined;
    });
    assert.deepEqual(
      rows.map(({ worker }) => worker),
      [1, 2],
    );
    assert.equal(new Set([...rows.map(({ pid }) => pid), house.child.pid]).size, 3);
    assert.equal(await house.admin('/readyz'), 'ok\n');
  });

  it('share the sessions: who signs in at one is signed in at the other, and who signs out is out at both at once', async () => {
    const page = `https://${app}:${house.port}/page`;
    const visitor = new Visitor(house, provider);
    assert.equal((await visitor.arrive(page)).answer.body, 'ok');
    const cookie = visitor.jar.cookies(page);
    for (const line of lines) assert.equal((await line.ask('/', { cookie })).body, 'ok');
    const left = await lines[0].ask('/.pomerium/sign_out', { cookie, 'sec-fetch-site': 'none' });
    assert.equal(left.status, 302);
    assert.deepEqual([(await lines[1].ask('/', { cookie })).status, (await lines[0].ask('/', { cookie })).status], [302, 302]);
  });

  it('share one page of metrics, on which everything is counted once', async () => {
    const sample = 'postern_requests_total{route="public",decision="allow",status="200"}';
    for (let turn = 0; turn < 8; turn += 1) await ask(house, 'https://public.postern.test/');
    const figures = [
      'postern_workers',
      'postern_worker_restarts_total',
      'postern_config_reloads_total{result="success"}',
      'postern_sessions',
    ];
    assert.deepEqual(await Promise.all([sample, ...figures].map((name) => house.figure(name))), [8, 2, 0, 1, 0]);
    assert.equal(await house.figure('postern_open_connections'), 2);
    assert.ok(((await house.figure('postern_config_hash')) ?? 0) > 0);
  });

  it('resume each other’s TLS sessions, and none where a certificate is asked for', async () => {
    const resumed: Record<string, number> = {};
    for (const host of [app, cards]) {
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        for (let turn = 0; turn < 10; turn += 1) {
          const first = await greet(host, version);
          const second = await greet(host, version, first.session);
          resumed[`${host} ${version}`] = (resumed[`${host} ${version}`] ?? 0) + Number(second.isResumed);
        }
      }
    }
    assert.deepEqual(resumed, { [`${app} TLSv1.2`]: 10, [`${app} TLSv1.3`]: 10, [`${cards} TLSv1.2`]: 0, [`${cards} TLSv1.3`]: 0 });
  });

  it('are not joined by a second Postern that was started by mistake', async () => {
    const second = spawn(process.execPath, [launcher, 'run', '--config', house.configFile], { stdio: ['ignore', 'pipe', 'pipe'], env: {} });
    const [status, out, err] = await Promise.all([once(second, 'close'), text(second.stdout), text(second.stderr)]);
    const told = `Cannot listen on 127.0.0.1:${house.port}: another program has it; stop that one or set another address\n`;
    assert.deepEqual([status[0], out, err], [1, '', told]);
  });

  it('refuse a bad configuration together, and take over a good one together', async () => {
    await house.configure(`${routes()}\nnonsense: 1`);
    const refused = await house.logLine(({ msg }) => String(msg).includes('is refused'));
    assert.match(String(refused['problems']), /unknown key "nonsense"/);
    for (const line of lines) assert.equal((await line.ask('/', { accept: 'application/json' })).status, 401);
    await house.configure(
      routes(', remove_request_headers: [x-nothing]').replace('allow_any_authenticated_user', 'allow_public_unauthenticated_access'),
    );
    await house.logLine(({ msg }) => msg === 'The new configuration is in force');
    for (const line of lines) assert.equal((await line.ask('/')).body, 'ok');
    assert.deepEqual(
      house.log.filter(({ msg }) => String(msg).includes('configuration')).map(({ level }) => level),
      ['error', 'info'],
    );
    assert.match(house.complaints(), /unknown key "nonsense"/);
  });

  it('die alone: the other serves on, the sums stay, and a successor has the configuration in force, not what lies on the disk', async () => {
    const sample = 'postern_requests_total{route="public",decision="allow",status="200"}';
    const counted = await house.figure(sample);
    await house.configure('this: is not');
    await eventually(() => (house.log.filter(({ msg }) => String(msg).includes('is refused')).length === 2 ? true : undefined));
    const [, second] = await house.workers();
    assert.ok(second !== undefined);
    process.kill(second.pid, 'SIGKILL');
    const line = await house.logLine(({ msg }) => String(msg).startsWith('A worker has ended'));
    assert.deepEqual([line['level'], line['worker'], line['pid'], line['signal']], ['error', 2, second.pid, 'SIGKILL']);
    assert.equal((await lines[0].ask('/')).body, 'ok');
    assert.deepEqual([await house.admin('/readyz'), await house.figure(sample)], ['ok\n', counted]);
    await house.complete();
    using successor = await house.reach(2, app);
    assert.equal((await successor.ask('/')).body, 'ok');
    assert.deepEqual([await house.figure(sample), await house.figure('postern_worker_restarts_total')], [counted, 1]);
  });

  it('stop together, once what runs has ended', async () => {
    using busy = await house.reach(2, app);
    const answer = busy.ask('/held');
    await eventually(() => held);
    const ended = once(house.child, 'close');
    house.child.kill('SIGTERM');
    await house.logLine(({ msg }) => String(msg).startsWith('Postern is stopping'));
    await eventually(
      async () =>
        (await ask(house, `https://${app}/`).then(
          () => false,
          () => true,
        )) || undefined,
    );
    assert.equal(await house.admin('/readyz'), 'draining\n');
    held?.end('late');
    assert.equal((await answer).body, 'late');
    assert.deepEqual(await ended, [0, null]);
    assert.equal(house.log.at(-1)?.['msg'], 'Postern has stopped');
  });

  /** One request over a connection of its own, with the session of another one. */
  async function greet(host: string, version: SecureVersion, session?: Buffer): Promise<Greeted> {
    const ca = house.pki.serverCa.certificatePem;
    const socket = connect({ host: '127.0.0.1', port: house.port, servername: host, ca, maxVersion: version, session });
    let latest: Buffer | undefined;
    socket.on('session', (given) => (latest = given));
    await once(socket, 'secureConnect');
    const isResumed = socket.isSessionReused();
    socket.resume().end(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    await once(socket, 'close');
    return { isResumed, session: latest };
  }
});

interface Greeted {
  readonly isResumed: boolean;
  /** Undefined: none was given out. */
  readonly session: Buffer | undefined;
}
