import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { freePort } from '../free-ports.ts';
import { ask, configText } from '../walk/house.ts';
import type { Pki } from '../walk/pki.ts';
import { makePki } from '../walk/pki.ts';

const root = join(import.meta.dirname, '../..');

/** No log is a lesser evil than no proxy: a full disk or a reader that went away must not end the process. */
describe('a process whose output goes nowhere', () => {
  let pki: Pki;
  let directory: string;
  let configFile: string;
  let port: number;

  before(async () => {
    pki = await makePki();
    directory = await mkdtemp(join(tmpdir(), 'postern-output-'));
    await writeFile(join(directory, 'server.pem'), pki.server.certificatePem);
    await writeFile(join(directory, 'server.key'), pki.server.keyPem, { mode: 0o600 });
    configFile = join(directory, 'config.yaml');
  });

  beforeEach(async () => {
    port = await freePort();
    await writeFile(configFile, configText('routes: []', port));
  });

  after(() => rm(directory, { recursive: true, force: true }));

  function start(stdout: number | 'pipe'): ChildProcess {
    const args = [join(root, 'bin/postern'), 'run', '--no-env', '--config', configFile];
    return spawn(process.execPath, args, { stdio: ['ignore', stdout, 'pipe'] });
  }

  const statusNow = async (): Promise<number | undefined> =>
    ask({ port, pki }, 'https://app.postern.test/').then(
      ({ status }) => status,
      () => undefined,
    );

  it('serves on while the disk is full', async () => {
    // Where there is no device that is always full, one that can't be written to at all.
    const full = existsSync('/dev/full') ? openSync('/dev/full', 'w') : openSync('/dev/null', 'r');
    const postern = start(full);
    try {
      await until(async () => (await statusNow()) === 404, postern);
      assert.deepEqual([await statusNow(), await statusNow(), postern.exitCode], [404, 404, null]);
    } finally {
      await stop(postern);
      closeSync(full);
    }
  });

  it('serves on when nobody reads what it says of a configuration that is refused', async () => {
    const postern = start('pipe');
    let log = '';
    postern.stdout?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    try {
      await until(async () => log.includes('Postern is ready'), postern);
      postern.stderr?.destroy();
      await writeFile(configFile, configText('routes: []\nnonsense: 1', port));
      await until(async () => log.includes('is refused'), postern);
      assert.deepEqual([await statusNow(), await statusNow(), postern.exitCode], [404, 404, null]);
    } finally {
      await stop(postern);
    }
  });
});

async function until(done: () => Promise<boolean>, process: ChildProcess): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await done())) {
    assert.equal(process.exitCode, null, 'the process has ended');
    assert.ok(Date.now() < deadline, 'it takes too long');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function stop(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null) return;
  const ended = once(process, 'exit');
  process.kill('SIGTERM');
  await ended;
}
