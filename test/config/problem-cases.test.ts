import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, it } from 'node:test';
import { readSettings } from '../../src/config/read-settings.ts';
import { writeProblems } from '../../src/config/write-problems.ts';

const folder = new URL('../cases/problems/', import.meta.url);
const cases = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

describe('what an operator reads about a broken configuration', () => {
  for (const name of cases) {
    it(name.replace('.yaml', '').replaceAll('-', ' '), () => {
      const expected = new URL(name.replace('.yaml', '.txt'), folder);
      const told = tell(name);
      if (process.env['UPDATE_CASES'] === '1') writeFileSync(expected, told);
      assert.equal(told, readFileSync(expected, 'utf8'));
    });
  }

  it('has at least fifty cases, and none is about nothing', () => {
    assert.ok(cases.length >= 50);
    assert.deepEqual(
      cases.filter((name) => tell(name) === ''),
      [],
    );
  });

  it('never shows a secret', () => {
    const secrets = /hunter\d|NTlhZDE2|c2hvcnQ=|not a key|MIGHAg|aHVudGVy|cHJvbTpodW50ZXIy/;
    assert.deepEqual(
      cases.filter((name) => secrets.test(tell(name))),
      [],
    );
  });
});

function tell(name: string): string {
  const result = readSettings({ file: name, environment: undefined, readFile });
  return writeProblems(result.ok ? result.document.warnings : result.problems, { colour: false });
}

/** The case itself from its folder; every file it names is there unless its name says `missing`. */
function readFile(file: string): Buffer {
  if (file.endsWith('.yaml')) return readFileSync(new URL(basename(file), folder));
  if (!file.includes('missing') && /\.(pem|key)$/.test(file)) return Buffer.from('text');
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
}
