import type { Alias, Document, YAMLError } from 'yaml';
import { loadYaml } from './load-yaml.ts';
import { isUnclosedQuote, yamlErrorText } from './yaml-error-text.ts';

const mostErrors = 10;

/** Something wrong with a YAML text, by offsets. */
export interface YamlFinding {
  /** Whether the text can't be understood; a key written twice leaves the rest worth checking. */
  readonly fatal: boolean;
  readonly message: string;
  readonly from: number;
  readonly to: number;
}

/** What is wrong with a document as YAML; beyond a handful, errors of a broken text are consequences of the first ones. */
export function yamlErrors(document: Document.Parsed): readonly YamlFinding[] {
  const found: YamlFinding[] = [...document.errors, ...document.warnings].map((error: YAMLError) => {
    const [from, to] = quoteBegin(document, error) ?? error.pos;
    return { fatal: error.code !== 'DUPLICATE_KEY', message: yamlErrorText(error), from, to };
  });
  return found.some(({ fatal }) => fatal) ? found.slice(0, mostErrors) : [...found, ...aliasErrors(document)];
}

/** Where the quote was opened that is never closed; the parser points at the end of the text, where nobody can mend it. */
function quoteBegin(document: Document.Parsed, error: YAMLError): [from: number, to: number] | undefined {
  if (!isUnclosedQuote(error)) return undefined;
  let found: [number, number] | undefined;
  loadYaml().visit(document, {
    Scalar(_key, { range, type }) {
      const isQuoted = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE';
      if (isQuoted && range !== undefined && range !== null && range[0] <= error.pos[0]) found = [range[0], range[1]];
    },
  });
  return found;
}

const noAnchor = 'This alias has no anchor before it; a text that begins with * needs quotes';

/** An alias must mean something said before, and not the very node it stands in: such a document has no end. */
function aliasErrors(document: Document.Parsed): readonly YamlFinding[] {
  const found: YamlFinding[] = [];
  loadYaml().visit(document, {
    Alias(_key, alias: Alias, ancestors) {
      const target = alias.resolve(document);
      const [from, , to] = alias.range ?? [0, 1, 1];
      // Its name is not quoted: it may be a password that begins with `*`.
      if (target === undefined) found.push({ fatal: true, message: noAnchor, from, to });
      else if (ancestors.includes(target)) found.push({ fatal: true, message: 'An alias stands inside its own anchor', from, to });
    },
  });
  return found;
}
