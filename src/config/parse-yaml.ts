import { parseAnyYaml } from './parse-any-yaml.ts';
import type { PlaceTree } from './place-tree.ts';
import type { PlainYaml } from './plain-yaml.ts';
import { readPlainYaml } from './plain-yaml.ts';
import type { Locate, Problem } from './problem.ts';
import type { Ignore } from './read-ignores.ts';
import { readIgnores } from './read-ignores.ts';
import { placeIn } from './text-place.ts';

/** A YAML text (JSON is one) as plain data, with the way back to where each value stands. */
export interface YamlSource {
  /** Undefined when the text is broken; null when it holds nothing. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  readonly locate: Locate;
  /** What its comments ask not to be told of. */
  readonly ignores: readonly Ignore[];
}

/** Reads one YAML document. Never throws; `file` is what the places call the text. */
export function parseYaml(text: string, file: string): YamlSource {
  const plain = readPlainYaml(text);
  return plain === undefined ? parseAnyYaml(text, file) : sourceOf(plain, text, file);
}

function sourceOf({ value, readPlaces, comments }: PlainYaml, text: string, file: string): YamlSource {
  const placeAt = placeIn({ text, file }, 'whole');
  let places: PlaceTree | undefined;
  const nameAt = (from: number, to: number): string => text.slice(from, to);
  return {
    value,
    ...readIgnores(text, comments, placeAt),
    locate(path, part) {
      places ??= readPlaces();
      return placeAt(...places.locate(path, part ?? 'value', nameAt));
    },
  };
}
