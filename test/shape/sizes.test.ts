import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const root = join(import.meta.dirname, '../..');
const longestFile = 250;
const files = globSync('**/*.ts', { cwd: join(root, 'src') });

/** The three monsters of a proxy are its config parser, its central handler and its header forwarding: here they stay small. */
describe('sizes', () => {
  it('keeps every source file short enough to be surveyed', () => {
    const long = files
      .map((file) => ({ file, lines: readFileSync(join(root, 'src', file), 'utf8').split('\n').length - 1 }))
      .filter(({ lines }) => lines > longestFile)
      .map(({ file, lines }) => `${file}: ${lines}`);
    assert.deepEqual(long, []);
  });

  it('has no folder that says nothing about what is in it', () => {
    const vague = files.filter(
      (file) => /(?:^|\/)(?:utils?|helpers?|common|types|core|lib|misc|shared)\//.test(file) || /(?:^|\/)index\.ts$/.test(file),
    );
    assert.deepEqual(vague, []);
  });
});
