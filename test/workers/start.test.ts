import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { makePki } from '../walk/pki.ts';

const launcher = join(import.meta.dirname, '../../bin/postern');

describe('postern run with several workers', { timeout: 60_000 }, () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'postern-start-'));
    const pki = await makePki();
    await writeFile(join(directory, 'server.pem'), pki.server.certificatePem);
    await writeFile(join(directory, 'server.key'), pki.server.keyPem, { mode: 0o600 });
  });

  after(() => rm(directory, { recursive: true, force: true }));

  async function run(args: readonly string[], config: string): Promise<readonly [status: unknown, out: string, err: string]> {
    const common = 'health_check_addr: 127.0.0.1:0\ncertificates: [{cert: server.pem, key: server.key}]\n';
    await writeFile(join(directory, 'config.yaml'), common + config);
    const child = spawn(process.execPath, [launcher, ...args], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'], env: {} });
    const [ended, out, err] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
    return [ended[0], out, err];
  }

  it('tells each problem of a configuration once and ends with 1, those that only a worker finds as well', async () => {
    const route = `{from: 'https://app.postern.test', to: 'http://127.0.0.1:9', policy: [{allow: {or: [{nonsense: x}]}}]}`;
    const [status, out, err] = await run(['run', '--config', 'config.yaml'], `workers: 2\naddress: 127.0.0.1:0\nroutes: [${route}]\n`);
    assert.deepEqual([status, out], [1, '']);
    assert.equal(err.split('nonsense').length > 1 && err.match(/\[invalid-policy\]/g)?.length, 1, err);
  });

  it('is one sentence where the metrics can not have their address', async () => {
    await using taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const config = `workers: 2\naddress: 127.0.0.1:0\nmetrics_address: 127.0.0.1:${port}\nroutes: []\n`;
    const [status, out, err] = await run(['run', '--config', 'config.yaml'], config);
    const sentence = `Cannot listen on 127.0.0.1:${port}: another program has it; stop that one or set another address\n`;
    assert.deepEqual([status, out, err], [1, '', sentence]);
  });

  it('is what starts a worker, and nobody else does', async () => {
    const [status, out, err] = await run(['worker', '--config', 'config.yaml'], 'routes: []\n');
    assert.deepEqual([status, out, err], [2, '', 'postern worker is started by postern run: run that\nSee postern help\n']);
  });
});
