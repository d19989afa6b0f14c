import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { collectorFlags } from '../src/tune-collector.ts';

// The flags of V8, those it was begun with and those set since, make up the tag of a process.
const tellTag =
  'data:text/javascript,import{cachedDataVersionTag}from"node:v8";process.on("exit",()=>console.log(`tag ${cachedDataVersionTag()}`))';

describe('the flags of the collector', () => {
  it('are known to the V8 of this Node, each with a number', () => {
    // One that is unknown is told on stderr and changes nothing.
    const known = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
    for (const flag of collectorFlags) {
      const [name, value] = flag.split('=');
      assert.match(known, new RegExp(`^  ${name} .*\\n +type: (int|uint) `, 'm'));
      assert.ok(Number.isInteger(Number(value)), flag);
    }
  });

  it('are set in the processes that serve, and in no other', () => {
    const tags = {
      plain: tagOf([], 'version'),
      // Neither gets far.
      run: tagOf([], 'run', '--config', '/nowhere.yaml'),
      worker: tagOf([], 'worker'),
      check: tagOf([], 'check', '--config', '/nowhere.yaml'),
    };
    const tuned = tagOf(collectorFlags, 'version');
    assert.notEqual(tuned, tags.plain);
    assert.deepEqual(tags, { plain: tags.plain, run: tuned, worker: tuned, check: tags.plain });
  });
});

function tagOf(switches: readonly string[], ...args: readonly string[]): string {
  const main = join(import.meta.dirname, '../src/main.ts');
  const { stdout } = spawnSync(process.execPath, [...switches, '--import', tellTag, main, ...args], { encoding: 'utf8' });
  return /tag \d+/.exec(stdout)?.[0] ?? '';
}
