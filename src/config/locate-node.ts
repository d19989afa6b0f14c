import type { Document, Node, Pair, ParsedNode, YAMLMap } from 'yaml';
import { loadYaml } from './load-yaml.ts';
import type { SettingPath } from './problem.ts';

/** Offsets of a value in the text. */
export type Span = readonly [from: number, to: number];

/** Where the value or key at a path stands; the nearest enclosing one where it was not written, undefined in an empty document. */
export function locateNode(document: Document.Parsed, path: SettingPath, part: 'key' | 'value'): Span | undefined {
  let node: Node | null = document.contents;
  let key: Node | undefined;
  let whole = true;
  for (const step of path) {
    const found = childOf(resolved(node, document), step);
    if (found === undefined) {
      whole = false;
      break;
    }
    [key, node] = found;
  }
  const shown = (part === 'key' && whole) || isEmpty(node) ? (key ?? node) : node;
  return shown === null ? undefined : spanOf(shown);
}

function childOf(node: Node | null, step: string | number): [key: Node | undefined, value: Node | null] | undefined {
  const { isMap, isScalar, isSeq } = loadYaml();
  if (isSeq(node)) {
    const item = typeof step === 'number' ? node.items[step] : undefined;
    return item === undefined ? undefined : [undefined, item as Node];
  }
  if (!isMap(node)) return undefined;
  const pair = (node as YAMLMap<ParsedNode, ParsedNode | null>).items.find(
    ({ key }) => isScalar(key) && String(key.value) === String(step),
  );
  return pair === undefined ? undefined : [pair.key, pair.value];
}

function resolved(node: Node | null, document: Document.Parsed): Node | null {
  return loadYaml().isAlias(node) ? (node.resolve(document) ?? null) : node;
}

/** A value that was left out takes no room in the text, so its key is pointed at instead. */
function isEmpty(node: Node | null): boolean {
  return node === null || (loadYaml().isScalar(node) && node.range !== undefined && node.range !== null && node.range[0] === node.range[1]);
}

/** Of a block map its first key stands for the whole, of a block list its first dash. */
function spanOf(node: Node): Span {
  const [from, to] = node.range ?? [0, 0];
  const { isMap, isPair, isSeq } = loadYaml();
  if (isMap(node) && node.flow !== true) {
    const first: unknown = node.items[0];
    const key = isPair(first) ? (first as Pair<Node>).key : undefined;
    return key?.range === undefined || key.range === null ? [from, from + 1] : [key.range[0], key.range[1]];
  }
  return isSeq(node) && node.flow !== true ? [from, from + 1] : [from, to];
}
