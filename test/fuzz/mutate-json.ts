import type { Random } from './random.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A few changes to a tree that leave it a tree: subtrees swapped, lost, doubled, wrapped, and leaves replaced by what `leaf` makes. */
export function mutateJson(random: Random, tree: Json, leaf: (random: Random) => Json): Json {
  let changed = tree;
  const count = 1 + random.below(4);
  for (let turn = 0; turn < count; turn += 1) {
    const target = random.below(sizeOf(changed));
    const donor = nodeAt(changed, random.below(sizeOf(changed)));
    changed = replaceAt(changed, target, (node) => changeNode(random, node, { leaf, donor }));
    // Trees that borrow from themselves double in size each time.
    if (sizeOf(changed) > 500) changed = tree;
  }
  return changed;
}

interface Change {
  readonly leaf: (random: Random) => Json;
  readonly donor: Json;
}

function changeNode(random: Random, node: Json, { leaf, donor }: Change): Json {
  const kind = random.below(6);
  if (kind === 0) return donor;
  if (kind === 1) return leaf(random);
  if (kind === 2) return random.pick<Json>([null, [], {}, [node], { or: [node] }, '', 0, true]);
  if (isList(node)) return changeList(random, node, leaf);
  if (typeof node === 'object' && node !== null) return changeMap(random, Object.entries(node), leaf);
  return leaf(random);
}

function changeList(random: Random, list: readonly Json[], leaf: (random: Random) => Json): Json {
  const at = random.below(list.length);
  const ways = [
    () => list.toSpliced(at, 1),
    () => [...list, ...list.slice(at, at + 1)],
    () => [...list, leaf(random)],
    () => list.toReversed(),
  ];
  return random.pick(ways)();
}

function changeMap(random: Random, entries: readonly (readonly [string, Json])[], leaf: (random: Random) => Json): Json {
  const at = random.below(entries.length);
  const made = leaf(random);
  const key = typeof made === 'string' ? made : 'and';
  const added = [...entries, [key, leaf(random)] as const];
  const renamed = entries.map(([name, value], index) => [index === at ? key : name, value] as const);
  return Object.fromEntries(random.pick([added, renamed, entries.toSpliced(at, 1)]));
}

function isList(node: Json): node is readonly Json[] {
  return Array.isArray(node);
}

function childrenOf(node: Json): readonly Json[] {
  if (isList(node)) return node;
  return typeof node === 'object' && node !== null ? Object.values(node) : [];
}

function sizeOf(node: Json): number {
  return 1 + childrenOf(node).reduce<number>((sum, child) => sum + sizeOf(child), 0);
}

/** Nodes are counted from the root, each before its children. */
function nodeAt(node: Json, index: number): Json {
  if (index === 0) return node;
  let passed = 1;
  for (const child of childrenOf(node)) {
    const size = sizeOf(child);
    if (index < passed + size) return nodeAt(child, index - passed);
    passed += size;
  }
  return node;
}

function replaceAt(node: Json, index: number, change: (node: Json) => Json): Json {
  if (index === 0) return change(node);
  let passed = 1;
  const replaceChild = (child: Json): Json => {
    const size = sizeOf(child);
    const isInside = index >= passed && index < passed + size;
    const replaced = isInside ? replaceAt(child, index - passed, change) : child;
    passed += size;
    return replaced;
  };
  if (isList(node)) return node.map(replaceChild);
  if (typeof node === 'object' && node !== null)
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, replaceChild(child)]));
  return node;
}
