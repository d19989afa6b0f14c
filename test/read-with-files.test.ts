import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { cachedDataVersionTag } from 'node:v8';
import { readSettings } from '../src/config/read-settings.ts';
import { readWithFiles } from '../src/read-with-files.ts';
import { replayFiles } from '../src/workers/remember-files.ts';

const config = 'insecure_server: true\nshared_secret_file: secret\nroutes: [{from: https://a.test, to: http://127.0.0.1:1}]\n';

describe('readWithFiles()', () => {
  it('tells what files held, and the same is read of that without them', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'postern-read-'));
    const file = join(directory, 'config.yaml');
    await writeFile(file, config);
    await writeFile(join(directory, 'secret'), Buffer.alloc(32, 7).toString('base64'));
    const { read, files } = readWithFiles({ file, environment: {} });
    await rm(directory, { recursive: true });
    const replayed = readSettings({ file, environment: {}, readFile: replayFiles(files) });
    assert.ok(read.ok && replayed.ok);
    assert.deepEqual(replayed.document.settings, read.document.settings);
    assert.deepEqual(read.document.files, [file, join(directory, 'secret')]);
  });

  it('puts the optimising compiler off as long as it reads, and no longer', () => {
    // The flags of V8 are in it.
    const tags = [cachedDataVersionTag()];
    const environment = {
      get LOG_LEVEL() {
        tags.push(cachedDataVersionTag());
        return 'info';
      },
    };
    readWithFiles({ file: undefined, environment });
    assert.deepEqual([cachedDataVersionTag(), tags.includes(tags[0] ?? 0, 1), tags.length > 1], [tags[0], false, true]);
  });
});
