import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { peerDirectory, startPeer } from '../../bench/candidates/start-peer.ts';
import { freePort } from '../free-ports.ts';

describe('startPeer()', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'postern-bench-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('runs in the directory of its configuration, on one core, with a home that goes with the run', async () => {
    const port = await freePort();
    const program = `
      require('node:fs').writeFileSync('seen.txt', [process.env.GOMAXPROCS, process.env.HOME === process.cwd(), require('./own.json').a].join());
      require('node:net').createServer().listen(${port}, '127.0.0.1');`;
    const configuration = { 'own.json': '{"a":"b"}', 'main.cjs': program };
    const launched = await startPeer({
      name: 'a + b',
      command: process.execPath,
      args: ['main.cjs'],
      configuration,
      port,
      files: { directory },
    });
    await launched.stop();
    assert.deepEqual(
      [
        peerDirectory({ directory }, 'a + b'),
        readFileSync(join(directory, 'a-b', 'seen.txt'), 'utf8'),
        existsSync(join(directory, 'a-b', 'said')),
      ],
      [join(directory, 'a-b'), '1,true,b', true],
    );
  });

  it('rejects with the last it said when it ends before it listens', async () => {
    const args = ['-c', 'echo one; echo two; echo three >&2; echo "cannot bind"; exit 3'];
    const started = startPeer({ name: 'broken', command: 'sh', args, configuration: {}, port: await freePort(), files: { directory } });
    await assert.rejects(started, { message: 'broken ended with status 3 before it listened; it said:\ntwo\nthree\ncannot bind' });
  });
});
