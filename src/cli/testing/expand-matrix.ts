import { nearestWord } from '../../config/nearest-word.ts';
import { writePath } from '../../config/problem.ts';
import { quoteValue } from '../../config/quote-value.ts';
import type { Reading } from '../../config/reading.ts';
import type { Leaf } from './read-leaf.ts';
import { readEntries, readList, refuseType } from './read-leaf.ts';

/** The values of one case of a matrix, by the names that stand for them. */
export type Row = ReadonlyMap<string, Leaf>;

/** How many cases may still be made; shared by all files of a run, so that none of them can fill the memory. */
export interface CaseBudget {
  readonly most: number;
  left: number;
}

/**
 * The rows of `for`: of a map every combination of its values, the last key turning fastest; of a list of maps one row for
 * each. Without `for` one row without values. Undefined when a problem was told.
 */
export function expandMatrix(reading: Reading, leaf: Leaf | undefined, budget: CaseBudget): readonly Row[] | undefined {
  const columns = leaf === undefined ? [] : readColumns(reading, leaf);
  if (columns === undefined) return undefined;
  // Counted before anything is made.
  const count = columns.reduce((sum, column) => sum + [...column.values()].reduce((product, values) => product * values.length, 1), 0);
  const cases = leaf === undefined ? 1 : count;
  if (cases > budget.left) {
    const room =
      budget.left === budget.most
        ? `a run has at most ${budget.most}`
        : `of the ${budget.most} that a run may have ${budget.left} are left`;
    const message = `${writePath(leaf?.path ?? ['tests'])} makes ${cases} cases, and ${room}: write fewer values`;
    reading.error(leaf?.path ?? ['tests'], message);
    return undefined;
  }
  budget.left -= cases;
  return leaf === undefined ? [new Map()] : columns.flatMap(combine);
}

type Columns = ReadonlyMap<string, readonly Leaf[]>;

function readColumns(reading: Reading, leaf: Leaf): readonly Columns[] | undefined {
  const tables = Array.isArray(leaf.value) ? readList(leaf) : [leaf];
  if (tables.length === 0) return refuseEmpty(reading, leaf);
  const columns = tables.map((table) => readTable(reading, table, !Array.isArray(leaf.value)));
  return columns.every((table) => table !== undefined) ? columns : undefined;
}

function readTable(reading: Reading, leaf: Leaf, takesLists: boolean): Columns | undefined {
  const entries = readEntries(reading, leaf);
  if (entries === undefined) return undefined;
  if (entries.size === 0) return refuseEmpty(reading, leaf);
  const columns = [...entries].map(([name, values]) => [name, readColumn(reading, values, takesLists)] as const);
  return columns.every((column): column is [string, readonly Leaf[]] => column[1] !== undefined) ? new Map(columns) : undefined;
}

function readColumn(reading: Reading, leaf: Leaf, takesLists: boolean): readonly Leaf[] | undefined {
  const values = takesLists ? readList(leaf) : [leaf];
  if (values.length === 0) return refuseEmpty(reading, leaf);
  const refused = values.find(({ value }) => !['string', 'number', 'boolean'].includes(typeof value));
  return refused === undefined ? values : refuseType(reading, refused, 'a text, a number or a truth value');
}

function refuseEmpty(reading: Reading, { path }: Leaf): undefined {
  reading.error(path, `${writePath(path)} is empty, so that the test would never run: write values, or leave it out`);
  return undefined;
}

function combine(columns: Columns): readonly Row[] {
  let rows: readonly Row[] = [new Map()];
  for (const [name, values] of columns) rows = rows.flatMap((row) => values.map((value) => new Map([...row, [name, value]])));
  return rows;
}

const reference = /\$(\$\{|\{([^{}]*)\})/g;
const wholeReference = /^\$\{([^{}]*)\}$/;

export interface Filled extends Leaf {
  /** The names that were put in. */
  readonly used: readonly string[];
}

/**
 * Puts the values of a row where their names stand as `${name}`, inside lists and maps too. A text that is nothing but a
 * name becomes the very value, which brings its own place. `$${` is a plain `${`. Undefined when a name is not known.
 */
export function fillIn(reading: Reading, leaf: Leaf, row: Row): Filled | undefined {
  const used: string[] = [];
  let isRefused = false;
  const refuse = (path: Leaf['path'], name: string): void => {
    isRefused = true;
    const names = [...row.keys()];
    const meant = nearestWord(name, names);
    const cure = meant === undefined ? 'write its values under for' : `did you mean "${meant}"?`;
    reading.error(path, `${writePath(path)} names ${quoteValue(`\${${name}}`)}, which for does not hold: ${cure}`);
  };
  const fill = ({ path, value }: Leaf): Leaf => {
    if (Array.isArray(value))
      return { path, value: value.map((inner: unknown, index) => fill({ path: [...path, index], value: inner }).value) };
    if (typeof value === 'object' && value !== null)
      return {
        path,
        value: Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill({ path: [...path, key], value: inner }).value])),
      };
    if (typeof value !== 'string' || !value.includes('${')) return { path, value };
    const whole = row.get(wholeReference.exec(value)?.[1] ?? '');
    if (whole !== undefined) {
      used.push(value.slice(2, -1));
      return whole;
    }
    const text = value.replace(reference, (_, escaped: string, name: string = '') => {
      if (escaped === '${') return '${';
      const found = row.get(name);
      if (found === undefined) refuse(path, name);
      used.push(name);
      return String(found?.value);
    });
    return { path, value: text };
  };
  const filled = fill(leaf);
  return isRefused ? undefined : { ...filled, used };
}
