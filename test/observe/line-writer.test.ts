import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { LineWriter } from '../../src/observe/line-writer.ts';
import { openLineWriter } from '../../src/observe/line-writer.ts';

describe('openLineWriter()', () => {
  let directory: string;
  let path: string;
  let file: number;
  let at: number;
  let lines: LineWriter;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'line-writer-'));
    path = join(directory, 'log');
    file = openSync(path, 'a');
    at = 0;
    lines = openLineWriter(file, () => at);
  });

  afterEach(() => {
    lines.flush();
    closeSync(file);
    rmSync(directory, { recursive: true });
  });

  const written = (): string => readFileSync(path, 'utf8');

  it('writes the lines of one turn when it is over, each with its newline', async () => {
    lines.write('a');
    lines.gather('b');
    lines.write('é');
    assert.equal(written(), '');
    await setImmediate();
    assert.equal(written(), 'a\nb\né\n');
  });

  it('does not let a line wait that comes alone', async () => {
    lines.gather('a');
    await setImmediate();
    assert.equal(written(), 'a\n');
    at = 5;
    lines.gather('b');
    await setImmediate();
    assert.equal(written(), 'a\nb\n');
  });

  it('gathers what comes thick and fast, and writes it a little later', async (t) => {
    lines.gather('a');
    await setImmediate();
    t.mock.timers.enable({ apis: ['setTimeout'] });
    at = 4;
    lines.gather('b');
    await setImmediate();
    lines.gather('c');
    t.mock.timers.tick(4);
    assert.equal(written(), 'a\n');
    t.mock.timers.tick(1);
    assert.equal(written(), 'a\nb\nc\n');
  });

  it('writes what was gathered before a line that is in a hurry, in the order they came', async () => {
    lines.gather('a');
    await setImmediate();
    lines.gather('b');
    lines.write('c');
    await setImmediate();
    assert.equal(written(), 'a\nb\nc\n');
  });

  it('writes at once what has grown large', () => {
    for (let index = 0; index < 64; index += 1) lines.gather('x'.repeat(1023));
    assert.equal(written().length, 64 * 1024);
  });

  it('writes what is waiting when it is told to', () => {
    lines.write('a');
    lines.gather('b');
    lines.flush();
    assert.equal(written(), 'a\nb\n');
  });
});
