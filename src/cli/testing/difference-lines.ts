import { printable } from '../../config/display-width.ts';
import type { Difference } from './run-case.ts';

const wide = 100;

/** Expected above got, so that the eye finds where they part; a value too long for the line goes on beneath itself. */
export function differenceLines(differences: readonly Difference[], columns: number): readonly string[] {
  // Where it is narrow a long name stands above its values.
  const width = Math.min(Math.max(...differences.map(({ what }) => what.length), 0), columns < wide ? 14 : 32);
  return differences.flatMap(({ what, expected, got }) => {
    const isLong = what.length > width;
    const rows = [['expected', expected] as const, ['got', got] as const].flatMap(([word, value], index) => {
      const start = `${(index === 0 && !isLong ? what : '').padEnd(width)}  ${word.padEnd(8)}  `;
      return hang(start, printable(value), columns);
    });
    return isLong ? [what, ...rows] : rows;
  });
}

function hang(start: string, text: string, columns: number): readonly string[] {
  const room = Math.max(columns - start.length, 20);
  // After a blank where there is one: what is compared keeps every character.
  const [first = '', ...rest] = text.match(new RegExp(`.{1,${room}}$|.{1,${room - 1}}[ ]|.{1,${room}}`, 'gsu')) ?? [];
  return [`${start}${first}`.trimEnd(), ...rest.map((part) => `${' '.repeat(start.length)}${part}`)];
}
