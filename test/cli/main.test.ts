import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { writeFrozenPki } from './frozen-pki.ts';
import type { Printed } from './terminal.ts';

const launcher = join(import.meta.dirname, '../../bin/postern');
const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { readonly version: string };

/** The program as a shell starts it. */
describe('postern', () => {
  let directory: string;

  before(async () => {
    directory = await writeFrozenPki();
  });

  after(() => rm(directory, { recursive: true, force: true }));

  function postern(...args: readonly string[]): Promise<Printed> {
    return new Promise((resolve) => {
      execFile(process.execPath, [launcher, ...args], { cwd: directory, env: {} }, (error, out, err) => {
        resolve({ status: error === null ? 0 : Number(error.code), out, err });
      });
    });
  }

  async function writeConfig(name: string, port: number): Promise<string> {
    const file = join(directory, name);
    const route = '{from: https://app.corp.test, to: http://127.0.0.1:9, allow_public_unauthenticated_access: true}';
    await writeFile(
      file,
      `address: 127.0.0.1:${port}\nhealth_check_addr: 127.0.0.1:0\ncertificates: [{cert: server.pem, key: server.key}]\nroutes: [${route}]\n`,
    );
    return file;
  }

  it('prints its help when asked for it, when asked for nothing, and beside any command', async () => {
    const [help, ...others] = [await postern('help'), await postern(), await postern('check', '-h')];
    assert.deepEqual([help.status, help.err], [0, '']);
    for (const command of ['run', 'check', 'explain', 'cert', 'version']) assert.match(help.out, new RegExp(`^  postern ${command}`, 'm'));
    assert.ok(help.out.split('\n').every((line) => line.length <= 80));
    for (const other of others) assert.deepEqual(other, help);
  });

  it('prints its version', async () => {
    const told = { status: 0, out: `postern ${manifest.version}\n`, err: '' };
    assert.deepEqual([await postern('version'), await postern('--version')], [told, told]);
  });

  it('refuses a command that there is not, with status 2', async () => {
    for (const name of ['serve', 'constructor']) {
      const { status, out, err } = await postern(name);
      assert.deepEqual([status, out, err.split('\n')[0]], [2, '', `Unknown command "${name}"`]);
    }
  });

  it('takes it well when nobody reads on, as with head', async () => {
    const child = spawn(process.execPath, [launcher, 'help'], { cwd: directory, env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    const [complaints, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    assert.deepEqual([status, complaints], [0, '']);
  });

  it('gives the exit status of its commands', async () => {
    const file = await writeConfig('good.yaml', 0);
    await writeFile(join(directory, 'bad.yaml'), 'nonsense: true\n');
    const commands: readonly (readonly [status: number, args: readonly string[]])[] = [
      [0, ['explain', '--config', file, 'GET', 'https://nobody.test/']],
      [1, ['run', '--config', 'bad.yaml']],
      [2, ['check', '--nonsense']],
    ];
    for (const [status, args] of commands) assert.equal((await postern(...args)).status, status, args.join(' '));
  });

  it('says in one sentence that a port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { status, out, err } = await postern('run', '--config', await writeConfig('taken.yaml', port));
    await new Promise((resolve) => other.close(resolve));
    assert.deepEqual([status, out], [1, '']);
    assert.equal(err, `Cannot listen on 127.0.0.1:${port}: another program has it; stop that one or set another address\n`);
  });

  it('runs until it is told to stop, reads its configuration again on SIGHUP, and logs JSON lines only', async () => {
    const file = await writeConfig('run.yaml', 0);
    const child = spawn(process.execPath, [launcher, 'run', '--config', file], {
      cwd: directory,
      env: {},
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const messages: unknown[] = [];
    const nextMessage = async (): Promise<unknown> => {
      const { value } = (await lines.next()) as { value?: string };
      const { msg } = JSON.parse(value ?? assert.fail('the log ended')) as { msg: unknown };
      messages.push(msg);
      return msg;
    };
    assert.equal(await nextMessage(), 'Postern is ready');
    child.kill('SIGHUP');
    assert.equal(await nextMessage(), 'The new configuration is in force');
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    while ((await nextMessage()) !== 'Postern has stopped');
    assert.deepEqual(await ended, [0, null]);
    assert.deepEqual(messages.slice(2), ['Postern is stopping: no new connections are taken', 'Postern has stopped']);
  });
});
