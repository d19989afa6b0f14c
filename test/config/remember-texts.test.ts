import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openReading } from '../../src/config/reading.ts';
import { rememberTexts } from '../../src/config/remember-texts.ts';

describe('rememberTexts()', () => {
  it('parses each text once in a reading, and anew in the next one', () => {
    const parsed: string[] = [];
    const read = rememberTexts((text) => ({ text, turn: parsed.push(text) }));
    const [one, other] = [0, 1].map(() => {
      return openReading({ locate: () => undefined, readFile: () => Buffer.of(), folderOf: () => '/', refused: [] }).reading;
    });
    assert.ok(one !== undefined && other !== undefined);
    assert.deepEqual(
      [read(one, 'a'), read(one, 'b'), read(one, 'a'), read(other, 'a')].map(({ turn }) => turn),
      [1, 2, 1, 3],
    );
  });
});
