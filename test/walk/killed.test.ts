import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { openProvider } from '../identity/provider-server.ts';
import { freePort } from '../free-ports.ts';
import { configText } from './house.ts';
import type { Pki } from './pki.ts';
import { makePki } from './pki.ts';
import { openRecorder } from './recorder.ts';
import { signInKeys } from './sign-in-keys.ts';
import { Visitor } from './visitor.ts';

const launcher = join(import.meta.dirname, '../../bin/postern');

interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  /** What it wrote until it was ready. */
  readonly lines: readonly string[];
}

async function run(configFile: string): Promise<Running> {
  const child = spawn(process.execPath, [launcher, 'run', '--config', configFile], { stdio: ['ignore', 'pipe', 'inherit'], env: {} });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.includes('Postern is ready')) break;
  }
  child.stdout.resume();
  return {
    child,
    lines,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await end(child, 'SIGKILL');
    },
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const closed = once(child, 'close');
  child.kill(signal);
  await closed;
}

async function writeFiles(directory: string, pki: Pki, config: string): Promise<string> {
  await writeFile(join(directory, 'server.pem'), pki.server.certificatePem);
  await writeFile(join(directory, 'server.key'), pki.server.keyPem, { mode: 0o600 });
  const file = join(directory, 'config.yaml');
  await writeFile(file, config);
  return file;
}

describe('a process that is killed', () => {
  it('loses no session, nor the secrets that it made, which it makes private again', async () => {
    const [pki, port, directory] = await Promise.all([makePki(), freePort(), mkdtemp(join(tmpdir(), 'postern-killed-'))]);
    await using provider = await openProvider(`https://auth.postern.test:${port}`);
    await using upstream = await openRecorder();
    const config = `state_directory: state
${signInKeys(provider)}
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}`;
    const file = await writeFiles(directory, pki, configText(config, port));
    const page = `https://app.postern.test:${port}/page`;
    const visitor = new Visitor({ port, pki }, provider);
    const signedOut = new Visitor({ port, pki }, provider);

    await using first = await run(file);
    await visitor.arrive(page);
    await signedOut.arrive(page);
    const kept = signedOut.jar.cookies(page);
    await signedOut.visit(`https://app.postern.test:${port}/.pomerium/sign_out`, { headers: { 'sec-fetch-site': 'none' } });
    await end(first.child, 'SIGKILL');

    const secrets = join(directory, 'state', 'secrets.json');
    await chmod(secrets, 0o644);
    await using second = await run(file);
    upstream.clear();
    assert.equal((await visitor.visit(page)).status, 200);
    assert.match(upstream.bytes(), /^GET \/page /);
    upstream.clear();
    const revived = await new Visitor({ port, pki }).visit(page, { headers: { cookie: kept } });
    assert.deepEqual([revived.status, upstream.bytes()], [302, ''], 'who signed out stays signed out');
    assert.equal((await stat(secrets)).mode & 0o777, 0o600);
    assert.ok(second.lines.some((line) => line.includes('Others could read the secrets') && line.includes(secrets)));
    await end(second.child, 'SIGTERM');
    await rm(directory, { recursive: true });
  });
});
