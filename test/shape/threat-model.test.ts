import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/threat-model.md'), 'utf8');

interface Row {
  readonly threat: string;
  readonly decision: string;
  readonly sources: readonly string[];
  readonly tests: readonly string[];
}

/** The rows of every table that has the four columns of a threat. */
const rows: readonly Row[] = page
  .split(/\n(?=\| threat \|)/)
  .slice(1)
  .flatMap((table) => (/^(?:\|.*\n)+/.exec(table)?.[0] ?? '').trimEnd().split('\n').slice(2))
  .map((line) => {
    const [threat = '', decision = '', sources = '', tests = ''] = line.split('|').slice(1, -1);
    return { threat: threat.trim(), decision: decision.trim(), sources: named(sources), tests: named(tests).map(testFile) };
  });

function named(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

/** A bare name is one of the dangers. */
function testFile(name: string): string {
  return name.includes('/') ? name : `test/dangers/${name}.test.ts`;
}

describe('docs/threat-model.md', () => {
  it('has a decision, a source file and a test for each threat', () => {
    assert.ok(rows.length > 50, 'the tables were found');
    const incomplete = rows.filter(({ threat, decision, sources, tests }) =>
      [threat, decision, sources, tests].some(({ length }) => length === 0),
    );
    assert.deepEqual(incomplete, []);
  });

  it('names no file that is not there', () => {
    const files = rows.flatMap(({ sources, tests }) => [...sources, ...tests]);
    assert.deepEqual(
      files.filter((file) => !existsSync(join(root, file))),
      [],
    );
  });

  it('has a row for each danger, and each in one row', () => {
    const told = rows.flatMap(({ tests }) => tests);
    const dangers = globSync('test/dangers/*.test.ts', { cwd: root });
    const missing = dangers.filter((file) => !told.includes(file)).toSorted();
    assert.deepEqual(missing, [], 'add a row for each to docs/threat-model.md: threat, what Postern does, source files, tests');
    assert.deepEqual(
      told.filter((file, at) => told.indexOf(file) !== at),
      [],
    );
  });

  it('says of a known weakness or an absent surface what to do about it', () => {
    for (const heading of ['What is protected', 'Who attacks', 'Where trust ends', 'What is not protected', 'No such surface yet'])
      assert.match(page, new RegExp(`^## ${heading}$`, 'm'));
  });
});
