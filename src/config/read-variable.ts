import type { AnySchema, Form } from './schema.ts';
import { typeWords } from './schema-walk.ts';
import { decodeUtf8 } from './utf8-text.ts';
import { parseYaml } from './parse-yaml.ts';

export type VariableValue = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

// What Go's strconv.ParseBool takes, because Pomerium's environments were written for it.
const truths = new Map([
  ...['1', 't', 'true'].map((word) => [word, true] as const),
  ...['0', 'f', 'false'].map((word) => [word, false] as const),
]);
const number = /^[+-]?[0-9]+$/;

/**
 * The value of a variable in the type its key wants: lists with commas or as JSON, maps as JSON, the list of routes as
 * base64 of YAML. The text is never quoted in a message, because it may be a secret.
 */
export function readVariable(text: string, schema: AnySchema): VariableValue {
  const { form } = schema;
  if (form.kind === 'truth') {
    const value = truths.get(text.trim().toLowerCase());
    return value === undefined ? refuse('must be true or false') : { ok: true, value };
  }
  if (form.kind === 'number') return number.test(text.trim()) ? { ok: true, value: Number(text) } : refuse('must be a number');
  if (form.kind === 'list') return readList(text, schema, form.of);
  if (form.kind === 'keys' || form.kind === 'map') return readJson(text, `${typeWords(schema)} as JSON`);
  return { ok: true, value: form.kind === 'either' ? readEither(text, form) : text };
}

function readList(text: string, schema: AnySchema, element: AnySchema): VariableValue {
  if (takesText(element)) return text.trimStart().startsWith('[') ? readJson(text, typeWords(schema)) : splitList(text);
  if (text.trimStart().startsWith('[') || element.form.kind === 'map') return readJson(text, `${typeWords(schema)} as JSON`);
  const decoded = decodeUtf8(Buffer.from(text, 'base64'));
  if (!/^[A-Za-z0-9+/=\s]+$/.test(text) || decoded === undefined) return refuse('must be base64 of a YAML list');
  return readJson(decoded, 'base64 of a YAML list');
}

function takesText({ form }: AnySchema): boolean {
  return form.kind === 'text' || (form.kind === 'either' && form.options.some((option) => option.form.kind === 'text'));
}

/**
 * `HEADERS`, as Pomerium writes it: a map as JSON, or `Name:value` with commas between. A comma in a value begins the next header, so
 * what comes after it has to hold a colon as well, or is refused.
 */
export function readHeaderPairs(text: string): VariableValue {
  if (text.trimStart().startsWith('{')) return readJson(text, 'a map of texts as JSON');
  const pairs = text.split(',').map((pair) => /^\s*([^:\s]+)\s*:(.*)$/s.exec(pair));
  const names = new Set(pairs.map((match) => match?.[1]));
  if (names.has(undefined)) return refuse('must be Name:value, with commas between several, or a map of texts as JSON');
  if (names.size < pairs.length) return refuse('holds a header twice');
  return { ok: true, value: Object.fromEntries(pairs.map((match) => [match?.[1] ?? '', (match?.[2] ?? '').trim()])) };
}

function splitList(text: string): VariableValue {
  return {
    ok: true,
    value: text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  };
}

/** `[::1]:443` begins like a list and is none, so what can't be read as JSON stays a text. */
function readEither(text: string, { options }: Extract<Form, { readonly kind: 'either' }>): unknown {
  if (/^\s*[[{]/.test(text)) {
    const source = parseYaml(text, '');
    if (source.problems.length === 0) return source.value;
  }
  const takesMap = options.some(({ form }) => form.kind === 'map');
  const entries = text.split(',').map((entry) => entry.trim());
  return takesMap || entries.length === 1 ? text : entries;
}

function readJson(text: string, words: string): VariableValue {
  const { value, problems } = parseYaml(text, '');
  const [first] = problems;
  if (first === undefined) return { ok: true, value };
  const where = first.place?.kind === 'file' ? ` (line ${first.place.line}, column ${first.place.column})` : '';
  return refuse(`must be ${words}: ${first.message}${where}`);
}

function refuse(expectation: string): VariableValue {
  return { ok: false, message: `The value ${expectation}` };
}
