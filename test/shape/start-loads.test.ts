import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';

const source = join(import.meta.dirname, '../../src');
const statement = /^(?:import|export)\s+(type\s+)?(?:[^'";]*?\s+from\s+)?'([^']+)'/gm;

/** What a file imports for more than its types. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(source, file), 'utf8');
  return [...text.matchAll(statement)].filter(([, type]) => type === undefined).map(([, , target = '']) => target);
}

/** Everything that is loaded before these files run. */
function loadedBy(entries: readonly string[]): readonly string[] {
  const files = new Set(entries);
  const others = new Set<string>();
  for (const file of files) {
    for (const target of importsOf(file)) {
      if (target.startsWith('.')) files.add(normalize(join(dirname(file), target)));
      else others.add(target);
    }
  }
  return [...others].toSorted();
}

describe('what a start loads', () => {
  it('is few packages: the others are loaded when they are needed, or once the doors are open', () => {
    const loaded = loadedBy(['main.ts', 'cli/run.ts', 'config/read-settings.ts', 'serve.ts']);
    assert.deepEqual(
      loaded.filter((target) => !target.startsWith('node:')),
      ['pino', 're2js'],
    );
  });

  it("leaves Node's own copy of undici alone, which an import of `node:http` by name loads", () => {
    const broken = globSync('**/*.ts', { cwd: source }).filter((file) => importsOf(file).includes('node:http'));
    assert.deepEqual(broken, []);
  });
});
