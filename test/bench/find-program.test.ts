import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findProgram } from '../../bench/candidates/find-program.ts';

describe('findProgram()', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'postern-bench-'));
    await script('envoy', 'echo "envoy  version: 9e55/1.40.0/Clean/RELEASE"');
    await script('another', 'echo "version: 1.41.2" >&2');
    await script('broken', 'echo 1.2.3; exit 1');
  });
  after(() => rm(directory, { recursive: true }));

  it('takes the one on PATH and reads its version', () => {
    assert.deepEqual(findProgram('envoy', { PATH: `${directory}:/usr/bin:/bin` }), { kind: 'found', command: 'envoy', version: '1.40.0' });
  });

  it('takes the one that is named before any on PATH, and a version told as an error', () => {
    const command = join(directory, 'another');
    const environment = { PATH: `${directory}:/usr/bin:/bin`, BENCH_ENVOY: command };
    assert.deepEqual(findProgram('envoy', environment), { kind: 'found', command, version: '1.41.2' });
  });

  it('takes none on PATH in place of a named one that fails, and says so', () => {
    const command = join(directory, 'broken');
    const why = `BENCH_ENVOY names "${command}", which tells no version of envoy when called with --version`;
    assert.deepEqual(findProgram('envoy', { PATH: `${directory}:/usr/bin:/bin`, BENCH_ENVOY: command }), { kind: 'absent', why });
  });

  async function script(name: string, line: string): Promise<void> {
    const file = join(directory, name);
    await writeFile(file, `#!/bin/sh\n${line}\n`);
    await chmod(file, 0o755);
  }
});
