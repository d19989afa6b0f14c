/** Finds, of all registered prefixes of a path, the one registered first. */
export interface PrefixIndex<E> {
  first(path: string): E | undefined;
}

interface PrefixNode<E> {
  readonly prefix: string;
  /** The longest other prefix that this one begins with. */
  readonly parent: PrefixNode<E> | undefined;
  /** The earliest entry of this prefix and of all its ancestors: what a path gets whose longest prefix is this one. */
  readonly entry: E;
}

/**
 * A sorted list and a binary search. Every string between a prefix of the path and the path itself begins with that prefix,
 * so the longest fitting prefix is the greatest one that is not above the path, or an ancestor of it.
 */
export function buildPrefixIndex<E extends { readonly order: number }>(
  prefixes: readonly { readonly prefix: string; readonly entry: E }[],
): PrefixIndex<E> {
  const nodes = buildNodes(prefixes);
  return {
    first(path) {
      let low = 0;
      let high = nodes.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        const node = nodes[middle];
        if (node !== undefined && node.prefix <= path) low = middle + 1;
        else high = middle;
      }
      let node = nodes[low - 1];
      while (node !== undefined && !path.startsWith(node.prefix)) node = node.parent;
      return node?.entry;
    },
  };
}

function buildNodes<E extends { readonly order: number }>(
  prefixes: readonly { readonly prefix: string; readonly entry: E }[],
): readonly PrefixNode<E>[] {
  const earliest = new Map<string, E>();
  for (const { prefix, entry } of prefixes) if (!earliest.has(prefix)) earliest.set(prefix, entry);
  const nodes: PrefixNode<E>[] = [];
  // By code unit, as `<=` and `startsWith` see strings; a sort by locale would put them elsewhere.
  for (const [prefix, entry] of [...earliest].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    let parent = nodes.at(-1);
    while (parent !== undefined && !prefix.startsWith(parent.prefix)) parent = parent.parent;
    nodes.push({ prefix, parent, entry: parent !== undefined && parent.entry.order < entry.order ? parent.entry : entry });
  }
  return nodes;
}
