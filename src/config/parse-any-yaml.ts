import { loadYaml } from './load-yaml.ts';
import { locateNode } from './locate-node.ts';
import type { YamlSource } from './parse-yaml.ts';
import type { Locate, Problem } from './problem.ts';
import { commentsOf, readIgnores } from './read-ignores.ts';
import { placeIn } from './text-place.ts';
import { yamlErrors } from './yaml-errors.ts';

/** Reads any YAML document with the library, or says what is wrong with it. */
export function parseAnyYaml(text: string, file: string): YamlSource {
  const source = { text, file };
  try {
    const documents = loadYaml().parseAllDocuments(text, { merge: true, stringKeys: true, prettyErrors: false, logLevel: 'error' });
    const [document, second] = 'empty' in documents ? [] : documents;
    if (document === undefined) return { value: null, problems: [], locate: nowhere, ignores: [] };
    if (second !== undefined)
      return broken(placeIn(source, 'broken'), 'A second YAML document begins here: write one document only', second.range[0]);
    const errors = yamlErrors(document);
    const isBroken = errors.some(({ fatal }) => fatal);
    const placeAt = placeIn(source, isBroken ? 'broken' : 'whole');
    const comments = readIgnores(text, commentsOf(text), placeAt);
    return {
      ignores: comments.ignores,
      value: isBroken ? undefined : document.toJS({ maxAliasCount: 100 }),
      problems: [
        ...errors.map(({ message, from, to }): Problem => ({ severity: 'error', code: 'yaml-syntax', message, place: placeAt(from, to) })),
        ...comments.problems,
      ],
      locate: (path, part) => {
        const span = locateNode(document, path, part ?? 'value');
        return span === undefined ? undefined : placeAt(...span);
      },
    };
  } catch (cause) {
    // The library throws for alias bombs, and the engine when a text is nested too deeply for its stack.
    const reason = cause instanceof RangeError ? 'it is nested too deeply' : 'its aliases multiply without bound';
    return broken(placeIn(source, 'broken'), `Cannot read the YAML: ${reason}`, 0);
  }
}

const nowhere: Locate = () => undefined;

function broken(placeAt: ReturnType<typeof placeIn>, message: string, at: number): YamlSource {
  return {
    value: undefined,
    problems: [{ severity: 'error', code: 'yaml-syntax', message, place: placeAt(at, at + 1) }],
    locate: nowhere,
    ignores: [],
  };
}
