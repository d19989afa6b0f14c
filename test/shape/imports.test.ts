import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';
import { rooms } from './rooms.ts';

const root = join(import.meta.dirname, '../..');

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
  readonly kind: 'room' | 'package';
  readonly isType: boolean;
}

const statement = /^(?:import|export)\s+(type\s+)?(?:[^'";]*?\s+from\s+)?'([^']+)'/gm;
const dynamic = /\bimport\('([^']+)'\)/g;

function roomOf(file: string): string {
  const [first = '', ...rest] = file.split('/');
  return rest.length === 0 ? 'spine' : first;
}

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(root, 'src', file), 'utf8');
  const found = [
    ...[...text.matchAll(statement)].map(([, type, target = '']) => ({ target, isType: type !== undefined })),
    ...[...text.matchAll(dynamic)].map(([, target = '']) => ({ target, isType: false })),
  ];
  return found
    .filter(({ target }) => !target.startsWith('node:'))
    .map(({ target, isType }) => {
      if (!target.startsWith('.')) return { file, room: roomOf(file), target: packageOf(target), kind: 'package' as const, isType };
      return { file, room: roomOf(file), target: roomOf(normalize(join(dirname(file), target))), kind: 'room' as const, isType };
    });
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function isAllowed({ room, target, kind, isType }: Import): boolean {
  const rule = rooms[room];
  if (rule === undefined) return false;
  if (kind === 'package') return rule.packages.includes(target);
  return target === room || rule.rooms.includes(target) || (isType && rule.types.includes(target));
}

const files = globSync('**/*.ts', { cwd: join(root, 'src') });
const all = files.flatMap(importsOf);

describe('the map of the house', () => {
  it('finds imports to look at', () => {
    assert.ok(all.length > 200, `only ${all.length} imports found: the expression that reads them is broken`);
  });

  it('lets no room import what it must not know', () => {
    const broken = all
      .filter((found) => !isAllowed(found))
      .map(({ file, target, isType }) => `src/${file} imports ${target}${isType ? ' (type)' : ''}`);
    assert.deepEqual(broken, []);
  });

  it('has a rule for every folder and a folder for every rule', () => {
    const folders = new Set(files.map(roomOf));
    assert.deepEqual([...folders].toSorted(), Object.keys(rooms).toSorted());
  });

  it('is the table that docs/architecture.md shows', () => {
    const text = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
    const drawn = Object.fromEntries(
      [...text.matchAll(/^\| `([a-z]+)` \|[^|]*\| ([^|]*) \| ([^|]*) \| ([^|]*) \|/gm)].map(([, room = '', ...cells]) => [
        room,
        cells.map(words),
      ]),
    );
    const expected = Object.fromEntries(
      Object.entries(rooms).map(([room, rule]) => {
        const everything = rule.rooms.length > 8 ? ['every', 'room'] : rule.rooms;
        return [room, [everything, rule.types, rule.packages].map((list) => [...list].toSorted())];
      }),
    );
    assert.deepEqual(drawn, expected);
  });

  it('imports nothing in circles inside a room or between them', () => {
    assert.deepEqual(circles(), []);
  });
});

function words(cell: string): readonly string[] {
  return cell
    .replaceAll('–', '')
    .split(/[\s,`]+/)
    .filter((word) => word !== '')
    .toSorted();
}

/** Files that reach themselves over imports of values; imports of types vanish before the program runs. */
function circles(): readonly string[] {
  const edges = new Map(
    files.map((file) => {
      const text = readFileSync(join(root, 'src', file), 'utf8');
      const targets = [...text.matchAll(statement)]
        .filter(([, type, target = '']) => type === undefined && target.startsWith('.'))
        .map(([, , target = '']) => normalize(join(dirname(file), target)));
      return [file, targets] as const;
    }),
  );
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  function visit(file: string, way: readonly string[]): void {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push([...way.slice(way.indexOf(file)), file].join(' → '));
      return;
    }
    state.set(file, 'open');
    for (const next of edges.get(file) ?? []) visit(next, [...way, file]);
    state.set(file, 'done');
  }
  for (const file of files) visit(file, []);
  return found;
}
