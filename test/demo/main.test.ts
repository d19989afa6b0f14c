import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { curlLines } from '../../demo/introduction.ts';
import { findTool } from '../../scripts/optional-tools.ts';
import { areFree, freePorts } from '../free-ports.ts';

const run = promisify(execFile);
const main = fileURLToPath(new URL('../../demo/main.ts', import.meta.url));
let directory = '';

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'postern-demo-'));
});

after(() => {
  rmSync(directory, { recursive: true });
});

interface Running {
  readonly child: ChildProcess;
  /** Everything on both outputs so far. */
  readonly said: () => string;
}

function start(port: string, state: string = directory): Running {
  const child = spawn(process.execPath, [main, state], {
    env: { ...process.env, PORT: port, ADDRESS: 'nonsense' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { child, said: () => output };
}

async function untilSaid({ child, said }: Running, word: RegExp): Promise<void> {
  while (!word.test(said())) await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'exit').then(() => assert.fail(said()))]);
}

async function failureOf(port: string, state?: string): Promise<{ readonly code: unknown; readonly said: string }> {
  const running = start(port, state);
  const [code] = (await once(running.child, 'close')) as [unknown];
  return { code, said: running.said() };
}

describe('npm start', () => {
  it('is ready within five seconds, prints lines that work when pasted, and leaves nothing running on Ctrl-C', async () => {
    const port = await freePorts(4);
    const running = start(String(port));
    await untilSaid(running, /Ready after/);
    assert.match(running.said(), new RegExp(`https://signed-in\\.postern\\.localhost:${port}/  `));
    const [, seconds] = /Ready after ([\d.]+) s/.exec(running.said()) ?? [];
    assert.ok(Number(seconds) < 5, `${seconds} s`);
    if (findTool('curl') !== undefined) await pasteCurlLines(port, running.said());
    // As a terminal and the parents between it and the demo do: more than once.
    running.child.kill('SIGINT');
    running.child.kill('SIGINT');
    const [code] = (await once(running.child, 'close')) as [unknown];
    assert.deepEqual([code, running.said().endsWith('Stopping … done.\n')], [0, true]);
    assert.ok(await areFree(port, 4));
  });

  it('says in one sentence that a port is taken', async () => {
    const port = await freePorts(4);
    const other = createServer().listen(port + 1, '127.0.0.1');
    await once(other, 'listening');
    const { code, said } = await failureOf(String(port));
    other.close();
    assert.deepEqual([code, said.split('\n').length], [1, 2]);
    assert.match(said, new RegExp(`^Port ${port + 1} is taken by another program: .*PORT=${port + 1000} npm start`));
  });

  it('says in one sentence that another demo has its state, and leaves that one alone', async () => {
    const port = await freePorts(4);
    const running = start(String(port));
    await untilSaid(running, /Ready after/);
    const config = readFileSync(join(directory, 'config.yaml'), 'utf8');
    const { code, said } = await failureOf(String(port + 10));
    assert.deepEqual([code, said.split('\n').length], [1, 2]);
    assert.match(said, /^Another demo runs with the state in .+: stop that one first/);
    assert.equal(readFileSync(join(directory, 'config.yaml'), 'utf8'), config);
    running.child.kill('SIGTERM');
    await once(running.child, 'close');
    assert.match(running.said(), /Stopping on SIGTERM … done\.\n$/);
  });

  it('says in one sentence that PORT is no port', async () => {
    assert.deepEqual(await failureOf('abc'), {
      code: 1,
      said: 'PORT is "abc": write a number from 1 to 65532, or leave it out for 8443\n',
    });
  });

  it('says in one sentence what is wrong with its state', async () => {
    const notADirectory = join(directory, 'file');
    writeFileSync(notADirectory, '');
    const { code, said } = await failureOf(String(await freePorts(4)), notADirectory);
    assert.deepEqual([code, said.split('\n').length], [1, 2]);
  });
});

async function pasteCurlLines(port: number, said: string): Promise<void> {
  const lines = curlLines(port, relative(process.cwd(), directory));
  const outputs: string[] = [];
  for (const line of lines) {
    assert.ok(said.includes(line), line);
    // The last one ends by its time limit, which curl reports as a failure.
    const { stdout } = await run('bash', ['-c', line]).catch((error: { stdout: string }) => error);
    outputs.push(stdout);
  }
  const [echo = '', spoofed = '', signIn, without, withAlice, socket = ''] = outputs;
  assert.match(echo, /"method": "GET"/);
  assert.doesNotMatch(spoofed, /mallory/);
  assert.deepEqual([signIn, without, withAlice], ['302\n', '495\n', '200\n']);
  assert.match(socket, /^HTTP\/1\.1 101 /);
}
