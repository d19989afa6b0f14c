import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const source = JSON.stringify(join(import.meta.dirname, '../src/defer-upkeep.ts'));

/** Runs a program in a process of its own, because flags of V8 are those of the whole process. */
function run(program: string, ...switches: readonly string[]): unknown {
  const args = [...switches, '--allow-natives-syntax', '--input-type=module', '--eval', `import {deferUpkeep} from ${source};${program}`];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 }));
}

const busy = `
function sum() { let sum = 0; for (let index = 0; index < 20_000; index += 1) sum = (sum + index) % 7; return sum; }
const round = () => new Promise((resolve) => setImmediate(resolve, sum()));
`;

const tellFlags = `data:text/javascript,${encodeURIComponent(`
import v8 from 'node:v8';
import { syncBuiltinESMExports } from 'node:module';
const { setFlagsFromString } = v8;
v8.setFlagsFromString = (flag) => { console.log(flag); setFlagsFromString(flag); };
syncBuiltinESMExports();`)}`;

describe('deferUpkeep()', () => {
  it('keeps code from being optimised, and what stays busy is optimised when it is over', () => {
    const seen = run(`${busy}
      const upkeep = deferUpkeep('optimizing');
      // As long as it takes, on a busy machine too: another thread compiles.
      while (!%ActiveTierIsMaglev(sum)) await round();
      for (let count = 0; count < 300; count += 1) await round();
      const meanwhile = %ActiveTierIsTurbofan(sum);
      upkeep[Symbol.dispose]();
      while (!%ActiveTierIsTurbofan(sum)) await round();
      console.log(JSON.stringify({ meanwhile, after: %ActiveTierIsTurbofan(sum) }));`);
    assert.deepEqual(seen, { meanwhile: false, after: true });
  });

  it('leaves the flags of the process as they were, when the last who asked is done, once each', () => {
    const seen = run(`
      import { cachedDataVersionTag } from 'node:v8';
      const tag = () => cachedDataVersionTag();
      const plain = tag();
      const one = deferUpkeep('optimizing', 'marking');
      const both = tag();
      const other = deferUpkeep('optimizing');
      one[Symbol.dispose]();
      one[Symbol.dispose]();
      const left = tag();
      other[Symbol.dispose]();
      console.log(JSON.stringify([both === plain, left === plain, left === both, tag() === plain]));`);
    assert.deepEqual(seen, [false, false, false, true]);
  });

  it('turns nothing on that the process was started without', () => {
    const switches = ['--no-turbofan', '--no-incremental-marking'];
    const seen = run(
      `
      import { cachedDataVersionTag } from 'node:v8';
      const plain = cachedDataVersionTag();
      const upkeep = deferUpkeep('optimizing', 'marking');
      const meanwhile = cachedDataVersionTag();
      upkeep[Symbol.dispose]();
      console.log(JSON.stringify([meanwhile === plain, cachedDataVersionTag() === plain]));`,
      ...switches,
    );
    assert.deepEqual(seen, [true, true]);
  });

  it('is asked for by a start, before anything is read, and over when it is refused as well', () => {
    const main = join(import.meta.dirname, '../src/main.ts');
    const { stdout } = spawnSync(process.execPath, ['--import', tellFlags, main, 'run', '--config', '/nowhere.yaml'], { encoding: 'utf8' });
    const flags = stdout.split('\n').filter((line) => /turbofan|incremental-marking/.test(line));
    // Of each it is first asked whether it is on.
    const [off, on] = [flags.slice(0, 4), flags.slice(4)];
    assert.deepEqual(off, ['--turbofan', '--no-turbofan', '--incremental-marking', '--no-incremental-marking']);
    assert.deepEqual(on, ['--incremental-marking', '--turbofan']);
  });
});
