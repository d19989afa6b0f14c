import type { DecisionName } from '../../trace.ts';
import { isFieldName } from '../../http/header-list.ts';
import { writePath } from '../../config/problem.ts';
import { quoteValue } from '../../config/quote-value.ts';
import type { Reading } from '../../config/reading.ts';
import type { Settings } from '../../config/settings.ts';
import type { Explanation } from '../explanation.ts';
import { readHeaderChecks } from './read-header-checks.ts';
import type { Leaf } from './read-leaf.ts';
import { readList, readText, readTexts, readWhole, readWord, refuseName } from './read-leaf.ts';
import { readTextMatcher } from './read-text-matcher.ts';
import type { Check } from './test-case.ts';

type CheckReader = (reading: Reading, leaf: Leaf, settings: Settings) => readonly Check[] | undefined;

const decisions: readonly DecisionName[] = ['allow', 'sign-in', 'deny', 'not-found', 'misdirected', 'bad-request', 'own'];
const none = 'none';

const readers: Readonly<Record<string, CheckReader>> = {
  decision: (reading, leaf) => exactly('decision', readWord(reading, leaf, decisions), ({ decision }) => decision),
  status: (reading, leaf) => exactly('status', readWhole(reading, leaf, { least: 100, most: 599 }), ({ status }) => status),
  route: readRoute,
  reasons: readReasons,
  upstream: readUpstream,
  headers: (reading, leaf) => readHeaderChecks(reading, leaf),
  not_headers: readAbsentHeaders,
  endpoint: (reading, leaf) => exactly('endpoint', readNothingOr(reading, leaf), ({ endpoint }) => endpoint ?? none),
  location: (reading, leaf) => matching(reading, leaf, { what: 'location', text: ({ reply }) => reply?.headers['location'] }),
  body: (reading, leaf) => matching(reading, leaf, { what: 'body', text: ({ reply }) => reply?.body }),
  certificate: readVerdict,
  handshake: (reading, leaf) => exactly('handshake', readWord(reading, leaf, ['accepted', 'refused']), ({ handshake }) => handshake),
};

export const expectationKeys: readonly string[] = Object.keys(readers);

/** The entries of `expect`, filled in, each as something that holds of an explanation or not. Undefined when a problem was told. */
export function readExpectation(reading: Reading, entries: ReadonlyMap<string, Leaf>, settings: Settings): readonly Check[] | undefined {
  const checks = [...entries].map(([key, leaf]) => readers[key]?.(reading, leaf, settings));
  return checks.every((list) => list !== undefined) ? checks.flat() : undefined;
}

function exactly(
  what: string,
  expected: string | number | undefined,
  read: (explanation: Explanation) => string | number,
): readonly Check[] | undefined {
  if (expected === undefined) return undefined;
  const holds = (explanation: Explanation): boolean => read(explanation) === expected;
  return [{ what, expected: String(expected), holds, got: (explanation) => String(read(explanation)) }];
}

/** `null` and `none` both say that there is nothing. */
function readNothingOr(reading: Reading, leaf: Leaf): string | undefined {
  return leaf.value === null ? none : readText(reading, leaf);
}

/** By its name or by its `from`, which several routes may share. */
function readRoute(reading: Reading, leaf: Leaf, { routes }: Settings): readonly Check[] | undefined {
  const wanted = readNothingOr(reading, leaf);
  if (wanted === undefined) return undefined;
  const names = [...new Set(routes.flatMap(({ name, from }) => [...(name === undefined ? [] : [name]), from]))];
  if (wanted !== none && !names.includes(wanted)) {
    refuseName(reading, leaf, { text: wanted, known: names });
    return undefined;
  }
  const holds = ({ route }: Explanation): boolean => (route === null ? wanted === none : route.name === wanted || route.from === wanted);
  return [{ what: 'route', expected: wanted, holds, got: ({ route }) => route?.name ?? route?.from ?? none }];
}

/** Every one that is listed must be among the reasons; an empty list says that there is none. */
function readReasons(reading: Reading, leaf: Leaf): readonly Check[] | undefined {
  const wanted = readTexts(reading, leaf);
  if (wanted === undefined) return undefined;
  const holds = ({ reasons }: Explanation): boolean =>
    wanted.length === 0 ? reasons.length === 0 : wanted.every((reason) => reasons.includes(reason));
  return [{ what: 'reasons', expected: wanted.join(', ') || none, holds, got: ({ reasons }) => reasons.join(', ') || none }];
}

/** A URL as the upstream sees it; of a list any of them, because of several endpoints each has its turn. */
function readUpstream(reading: Reading, leaf: Leaf): readonly Check[] | undefined {
  const wanted = leaf.value === null || leaf.value === none ? [none] : readUrls(reading, leaf);
  if (wanted === undefined) return undefined;
  const urlOf = ({ upstream }: Explanation): string => upstream?.url ?? none;
  return [{ what: 'upstream', expected: wanted.join(' or '), holds: (explanation) => wanted.includes(urlOf(explanation)), got: urlOf }];
}

function readUrls(reading: Reading, leaf: Leaf): readonly string[] | undefined {
  const elements = readList(leaf);
  const urls = elements.map((element) => {
    const text = readText(reading, element);
    if (text === undefined || /^(?:https?|unix):\/\/./.test(text)) return text;
    const { path } = element;
    reading.error(path, `${writePath(path)} ${quoteValue(text)} is no URL of an upstream: write one like http://10.0.0.1:8080/users?x=1`);
    return undefined;
  });
  if (elements.length === 0) reading.error(leaf.path, `${writePath(leaf.path)} is empty: write a URL, or none`);
  return elements.length > 0 && urls.every((url) => url !== undefined) ? urls : undefined;
}

function readAbsentHeaders(reading: Reading, leaf: Leaf): readonly Check[] | undefined {
  const names = readTexts(reading, leaf);
  const bad = names?.find((name) => !isFieldName(name));
  if (bad !== undefined)
    reading.error(leaf.path, `${writePath(leaf.path)} ${quoteValue(bad)} is no name of a header: write one like X-Team`);
  if (names === undefined || bad !== undefined) return undefined;
  return names.map((name): Check => {
    const isAbsent = ({ upstream, reply }: Explanation): boolean => !Object.hasOwn((upstream ?? reply)?.headers ?? {}, name.toLowerCase());
    return { what: `header ${name.toLowerCase()}`, expected: 'absent', holds: isAbsent, got: () => 'present' };
  });
}

function matching(
  reading: Reading,
  leaf: Leaf,
  { what, text }: { readonly what: string; readonly text: (explanation: Explanation) => string | undefined },
): readonly Check[] | undefined {
  const matcher = readTextMatcher(reading, leaf);
  if (matcher === undefined) return undefined;
  const holds = (explanation: Explanation): boolean => {
    const found = text(explanation);
    return found !== undefined && matcher.test(found);
  };
  return [{ what, expected: matcher.shown, holds, got: (explanation) => text(explanation) ?? none }];
}

const verdicts: readonly string[] =
  'valid invalid missing not-judged expired not-yet-valid unknown-ca wrong-purpose depth-exceeded san-mismatch revoked crl-expired unreadable'.split(
    ' ',
  );

/** What the judge says for the route: `valid`, `invalid` or what is wrong in particular, `missing`, or `not-judged` without a CA. */
function readVerdict(reading: Reading, leaf: Leaf): readonly Check[] | undefined {
  const wanted = readWord(reading, leaf, verdicts);
  if (wanted === undefined) return undefined;
  const holds = (explanation: Explanation): boolean => {
    const verdict = verdictOf(explanation);
    return verdict === wanted || (wanted === 'invalid' && !['valid', 'missing', 'not-judged'].includes(verdict));
  };
  return [{ what: 'certificate', expected: wanted, holds, got: verdictOf }];
}

function verdictOf({ certificate: { valid, reason, detail } }: Explanation): string {
  if (valid === null) return 'not-judged';
  if (valid) return 'valid';
  return reason === 'client-certificate-required' ? 'missing' : (detail ?? 'invalid');
}
