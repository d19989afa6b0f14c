import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { watchFiles } from '../src/watch-files.ts';

const intervalMs = 10;

describe('watchFiles()', () => {
  let root: string;
  let directory: string;
  let made = 0;
  const file = (name: string): string => join(directory, name);

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'postern-watch-'));
  });

  beforeEach(async () => {
    made += 1;
    directory = join(root, String(made));
    await mkdir(directory);
    await writeFile(file('config'), 'one');
  });

  after(() => rm(root, { recursive: true, force: true }));

  /** Watches, and counts what was told; `next` resolves with the count when something is told again. */
  async function watch(files: () => readonly string[] = () => [file('config')], changed: () => Promise<void> = async () => {}) {
    let told = 0;
    const errors: unknown[] = [];
    let next = Promise.withResolvers<number>();
    const watching = await watchFiles({
      files,
      intervalMs,
      onError: (error) => errors.push(error),
      async changed() {
        told += 1;
        await changed();
        next.resolve(told);
        next = Promise.withResolvers();
      },
    });
    // The timer of the watch keeps no process alive; a test that waits for it has to.
    const alive = setInterval(() => {}, 1000);
    return {
      errors,
      told: () => told,
      next: () => next.promise,
      /** Twenty looks later. */
      later: () => new Promise((resolve) => setTimeout(resolve, 20 * intervalMs)),
      [Symbol.dispose]() {
        clearInterval(alive);
        watching[Symbol.dispose]();
      },
    };
  }

  it('tells nothing while nothing changes', async () => {
    using watching = await watch(() => [file('config'), file('missing')]);
    await watching.later();
    assert.equal(watching.told(), 0);
  });

  it('tells once of a change in place, of a rename over the file, and of a file that appears or goes', async () => {
    using watching = await watch(() => [file('config'), file('late')]);
    const steps = [
      () => writeFile(file('config'), 'two, in place'),
      async () => {
        await writeFile(file('new'), 'two, beside!!');
        await rename(file('new'), file('config'));
      },
      () => writeFile(file('late'), 'here'),
      () => unlink(file('late')),
    ];
    for (const [index, step] of steps.entries()) {
      const told = watching.next();
      await step();
      assert.equal(await told, index + 1);
    }
    await watching.later();
    assert.equal(watching.told(), steps.length);
  });

  it('follows symbolic links to the end, so that the swap of one above the file is seen', async () => {
    for (const version of ['v1', 'v2']) {
      await mkdir(file(version));
      await writeFile(join(file(version), 'config'), version);
    }
    await symlink('v1', file('data'));
    using watching = await watch(() => [join(file('data'), 'config')]);
    const told = watching.next();
    await symlink('v2', file('data.new'));
    await rename(file('data.new'), file('data'));
    assert.equal(await told, 1);
  });

  it('waits until a file that is being written is still', async () => {
    using watching = await watch();
    const told = watching.next();
    for (let part = 0; part < 10; part += 1) {
      await writeFile(file('config'), 'x'.repeat(100 + part));
      await new Promise((resolve) => setTimeout(resolve, intervalMs / 2));
    }
    await told;
    await watching.later();
    assert.ok(watching.told() <= 3, `told ${watching.told()} times of one long write`);
  });

  it('tells of a change that happens while the one before it is read', async () => {
    let again = true;
    using watching = await watch(undefined, async () => {
      if (again) await writeFile(file('config'), 'changed once more');
      again = false;
    });
    await writeFile(file('config'), 'changed');
    while (watching.told() < 2) await watching.next();
    await watching.later();
    assert.equal(watching.told(), 2);
  });

  it('takes up files that are named later, and tells of their changes only', async () => {
    await writeFile(file('ca'), 'first');
    const files = [file('config')];
    using watching = await watch(
      () => files,
      async () => void files.splice(1, 1, file('ca')),
    );
    let told = watching.next();
    await writeFile(file('config'), 'names the other file');
    await told;
    await watching.later();
    assert.equal(watching.told(), 1);
    told = watching.next();
    await writeFile(file('ca'), 'second');
    assert.equal(await told, 2);
  });

  it('goes on after a fault', async () => {
    let fault = true;
    using watching = await watch(undefined, async () => {
      if (!fault) return;
      fault = false;
      throw new Error('first reading fails');
    });
    await writeFile(file('config'), 'two');
    while (watching.errors.length === 0) await watching.later();
    const told = watching.next();
    await writeFile(file('config'), 'three');
    await told;
    assert.deepEqual([watching.told(), watching.errors.length], [2, 1]);
  });

  it('looks no more once it is disposed', async () => {
    const watching = await watch();
    watching[Symbol.dispose]();
    await writeFile(file('config'), 'two');
    await watching.later();
    assert.equal(watching.told(), 0);
  });
});
