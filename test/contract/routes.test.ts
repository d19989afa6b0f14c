import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runCheck } from '../../src/cli/check.ts';
import { writeFrozenPki } from '../cli/frozen-pki.ts';
import { type } from '../cli/terminal.ts';

/** Contract 4.1: a prefix is plain text, and `check` says so where that is likely to surprise. */
describe('a prefix', () => {
  let directory: string;

  before(async () => {
    directory = await writeFrozenPki();
  });

  after(() => rm(directory, { recursive: true, force: true }));

  async function warningsOf(matcher: string): Promise<readonly string[]> {
    const file = join(directory, 'config.yaml');
    const route = `from: https://a.corp.test, to: http://127.0.0.1:9, allow_public_unauthenticated_access: true, ${matcher}`;
    await writeFile(file, `certificates: [{cert: server.pem, key: server.key}]\nroutes: [{${route}}]\n`);
    const { status, err } = await type(runCheck, ['--config', file]);
    assert.equal(status, 0, err);
    return err.split('\n').flatMap((line) => / warning: (.*)/.exec(line)?.[1] ?? []);
  }

  it('is warned of where it does not end at a segment', async () => {
    assert.deepEqual(await warningsOf('prefix: /admin'), [
      'routes[0].prefix "/admin" also matches "/adminx": end it with a slash if only what is below it is meant',
    ]);
  });

  it('is not warned of where it does, nor is any other matcher', async () => {
    for (const matcher of ['prefix: /', 'prefix: /admin/', 'path: /admin', 'regex: /admin.*'])
      assert.deepEqual(await warningsOf(matcher), [], matcher);
  });
});
