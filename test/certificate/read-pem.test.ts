import { deepEqual, equal } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readPem } from '../../src/certificate/read-pem.ts';

const begin = '-----BEGIN X-----';
const end = '-----END X-----';

describe('readPem()', () => {
  const read: readonly (readonly [
    what: string,
    text: string,
    blocks: readonly (readonly [label: string, contents: string | undefined])[],
  ])[] = [
    ['a block', `${begin}\nQUJD\n${end}\n`, [['X', 'ABC']]],
    ['a block at the very end, with ends of lines of Windows', `text\r\n${begin}\r\nQU\r\nJD\r\n${end}`, [['X', 'ABC']]],
    ['a block with ends of lines of old', `${begin}\rQUJD\r${end}`, [['X', 'ABC']]],
    [
      'padding in one and in two',
      `${begin}\nQUI=\n${end}\n${begin}\nQQ==\n\n${end}`,
      [
        ['X', 'AB'],
        ['X', 'A'],
      ],
    ],
    ['padding in a line of its own', `${begin}\nQQ=\n=\n${end}`, [['X', 'A']]],
    ['white space around the lines', `${begin}\n \tQU \n\u00a0JD\t\n${end} \t\n`, [['X', 'ABC']]],
    ['white space within a line', `${begin}\nQU JD\n${end}\n`, [['X', undefined]]],
    ['a byte order mark', `\uFEFF${begin}\nQUJD\n${end}`, [['X', 'ABC']]],
    ['text with dashes around it', `a--b\n-- \n${begin}\nQUJD\n${end}\n--`, [['X', 'ABC']]],
    ['nothing between the markers', `${begin}\n${end}`, [['X', undefined]]],
    ['one digit too many', `${begin}\nQUJDQ\n${end}`, [['X', undefined]]],
    [
      'padding too long, or in the middle',
      `${begin}\nQ===\n${end}\n${begin}\nQQ==QUJD\n${end}`,
      [
        ['X', undefined],
        ['X', undefined],
      ],
    ],
    ['digits for URLs, which Node would take', `${begin}\nQU-_\n${end}`, [['X', undefined]]],
    ['a block that has no end', `${begin}\nQUJD\n`, [['X', undefined]]],
    [
      'a block within another',
      `${begin}\n-----BEGIN Y-----\nQUJD\n-----END Y-----`,
      [
        ['X', undefined],
        ['Y', 'ABC'],
      ],
    ],
    ['the end of another', `${begin}\nQUJD\n-----END Y-----`, [['X', undefined]]],
    [
      'a marker that is damaged',
      `----BEGIN X-----\nQUJD\n${end}`,
      [
        ['----BEGIN X-----', undefined],
        [end, undefined],
      ],
    ],
    [
      'a marker behind text',
      `x ${begin}\nQUJD\n${end}`,
      [
        ['x -----BEGIN X-----', undefined],
        [end, undefined],
      ],
    ],
  ];
  for (const [what, text, blocks] of read) {
    it(`reads ${what}`, () => {
      deepEqual(
        readPem(text).map(({ label, der }) => [label, der?.toString('latin1')]),
        blocks,
      );
    });
  }

  // Regular expressions that go back from every place of a line take minutes for these.
  for (const [what, hostile] of [
    ['dashes', '-'.repeat(1_000_000)],
    ['dashes and spaces', '-- '.repeat(400_000)],
    ['words of markers', 'END BEGIN '.repeat(100_000)],
    ['markers in one line', begin.repeat(60_000)],
    ['blocks', `${begin}\nQUJD\n${end}\n`.repeat(20_000)],
  ] as const) {
    it(`takes no longer than it has to for a megabyte of ${what}`, () => {
      const { user } = process.cpuUsage();
      readPem(`${hostile}--`);
      equal(process.cpuUsage().user - user < 2_000_000, true);
    });
  }
});
