import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { get } from 'node:http';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { freePort } from '../free-ports.ts';
import { ask, configText } from '../walk/house.ts';
import type { Pki } from '../walk/pki.ts';
import { makePki } from '../walk/pki.ts';
import { openUpstream } from '../walk/recorder.ts';
import { connectRaw, requestText } from './raw-client.ts';
import { askTwo, connectTwo } from './raw-http2.ts';

const timely = { timeout: 60_000 };
const launcher = join(import.meta.dirname, '../../bin/postern');
const host = 'public.postern.test';
const fields = (path: string) =>
  [
    [':method', 'GET'],
    [':scheme', 'https'],
    [':path', path],
    [':authority', host],
  ] as const;

/** A process of its own with few descriptors: what is let in must be served, and what is not must not end the rest. */
describe('a process that has no descriptors left', { skip: process.platform !== 'linux' && 'ulimit' }, () => {
  let directory: string;
  let pki: Pki;
  let port: number;
  let metricsPort: number;
  let child: ChildProcess;
  let upstream: AsyncDisposable & { readonly url: string };
  const held: ServerResponse[] = [];
  const log: Record<string, unknown>[] = [];

  before(async () => {
    [directory, pki] = await Promise.all([mkdtemp(join(tmpdir(), 'postern-descriptors-')), makePki()]);
    [port, metricsPort] = [await freePort(), await freePort()];
    upstream = await openUpstream(({ url }, response) => {
      if (url?.startsWith('/held') === true) held.push(response);
      else response.end('ok');
    });
    await writeFile(join(directory, 'server.pem'), pki.server.certificatePem);
    await writeFile(join(directory, 'server.key'), pki.server.keyPem, { mode: 0o600 });
    const route = `{name: public, from: https://${host}, to: '${upstream.url}', allow_public_unauthenticated_access: true}`;
    const configFile = join(directory, 'config.yaml');
    await writeFile(configFile, configText(`workers: 1\nmetrics_address: 127.0.0.1:${metricsPort}\nroutes: [${route}]`, port));
    const command = 'ulimit -n 128; exec "$0" "$@"';
    const args = ['-c', command, process.execPath, launcher, 'run', '--config', configFile];
    child = spawn('bash', args, { stdio: ['ignore', 'pipe', 'inherit'], env: {} });
    const lines = createInterface({ input: child.stdout ?? assert.fail('no output') });
    const ready = Promise.withResolvers<void>();
    lines.on('line', (line) => {
      log.push(JSON.parse(line) as Record<string, unknown>);
      if (line.includes('Postern is ready')) ready.resolve();
    });
    await ready.promise;
  });

  after(async () => {
    child.kill('SIGKILL');
    await upstream[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  it('goes on serving the connections that it has, closes others, and takes new ones when it can', timely, async () => {
    using kept = await connectRaw({ port, pki });
    const session = await connectTwo({ port, pki });
    kept.write(requestText(['GET /held HTTP/1.1', `Host: ${host}`]));
    const answer = askTwo(session, fields('/held'));
    await until(() => held.length === 2);
    const flood = await openMany(port, 200);
    await until(() => flood.filter((socket) => socket.closed).length >= 100);
    for (let turn = 0; turn < 5; turn += 1) assert.equal((await askTwo(session, fields('/'))).status, 200);
    for (const response of held.splice(0)) response.end('held');
    assert.deepEqual([(await kept.answer())?.body, (await answer).body], ['held', 'held']);
    for (const socket of flood) socket.destroy();
    await until(() => flood.every((socket) => socket.closed));
    assert.equal((await untilServed(port, pki)).status, 200);
    const lines = log.filter(({ reason }) => reason === 'descriptors');
    assert.deepEqual(
      lines.map(({ level, msg }) => [level, msg]),
      [['warn', 'A connection was closed because there are too many']],
    );
    assert.ok((await refusals(metricsPort)) >= 100);
    session.destroy();
  });

  it('because of its upstreams answers 503 for what it can’t forward, waits without being busy, and recovers', timely, async () => {
    const sessions = [await connectTwo({ port, pki }), await connectTwo({ port, pki })];
    const answers = sessions.flatMap((session) => Array.from({ length: 80 }, (_, index) => askTwo(session, fields(`/held/${index}`))));
    const statuses: (number | undefined)[] = [];
    for (const answer of answers) void answer.then(({ status }) => statuses.push(status));
    await until(() => held.length + statuses.length === answers.length);
    assert.deepEqual([...new Set(statuses)], [503]);
    // Nothing is left to accept one with: the system closes it, or nobody does for now.
    const more = await openMany(port, 20);
    const usedBefore = await cpuTicks(child);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const used = (await cpuTicks(child)) - usedBefore;
    assert.ok(used < 30, `${used} hundredths of a second of CPU time in half a second`);
    for (const response of held) response.end('late');
    const all = await Promise.all(answers);
    assert.deepEqual(new Set(all.map(({ status, body }) => (status === 200 ? body : status))), new Set(['late', 503]));
    for (const each of [...more, ...sessions]) each.destroy();
    assert.equal((await untilServed(port, pki)).status, 200);
    assert.equal(child.exitCode, null);
  });

  it('stops as ever', timely, async () => {
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
    assert.deepEqual(
      log.filter(({ level }) => level === 'error'),
      [],
    );
  });
});

async function openMany(port: number, count: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  for (let index = 0; index < count; index += 1) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    sockets.push(socket);
    if (index % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return sockets;
}

/** Some of those just ended may still hold theirs. */
async function untilServed(port: number, pki: Pki): Promise<{ readonly status: number }> {
  for (;;) {
    const answer = await ask({ port, pki }, `https://${host}/`).catch(() => undefined);
    if (answer !== undefined && answer.status !== 503) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function refusals(metricsPort: number): Promise<number> {
  const request = get({ host: '127.0.0.1', port: metricsPort, path: '/metrics', agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return Number(/^postern_connections_refused_total\{reason="descriptors"\} (\d+)$/m.exec(await text(response))?.[1] ?? 0);
}

/** User and system time, in hundredths of a second. */
async function cpuTicks({ pid }: ChildProcess): Promise<number> {
  const words = (await readFile(`/proc/${pid}/stat`, 'latin1')).split(') ')[1]?.split(' ') ?? [];
  return Number(words[11]) + Number(words[12]);
}
