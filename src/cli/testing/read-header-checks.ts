import { isFieldName } from '../../http/header-list.ts';
import { writePath } from '../../config/problem.ts';
import type { Reading } from '../../config/reading.ts';
import { isSecretKey } from '../../config/secret-keys.ts';
import type { Settings } from '../../config/settings.ts';
import type { Explanation } from '../explanation.ts';
import type { Leaf } from './read-leaf.ts';
import { readEntries } from './read-leaf.ts';
import { readTextMatcher } from './read-text-matcher.ts';
import type { Check } from './test-case.ts';

/** Headers as the upstream gets them; where nothing is forwarded, those of the answer. `true` asks that there is one, whatever it says. */
export function readHeaderChecks(reading: Reading, leaf: Leaf): readonly Check[] | undefined {
  const entries = readEntries(reading, leaf);
  if (entries === undefined) return undefined;
  const checks = [...entries].map(([name, value]) => readHeaderCheck(reading, value, name.toLowerCase()));
  return checks.every((check) => check !== undefined) ? checks : undefined;
}

function readHeaderCheck(reading: Reading, leaf: Leaf, name: string): Check | undefined {
  const { path, value } = leaf;
  if (!isFieldName(name)) {
    reading.error(path, `${writePath(path)} is no name of a header: write one like X-Team`, { part: 'key' });
    return undefined;
  }
  if (value === null || value === false) {
    reading.error(path, `${writePath(path)} expects nothing: write a value, or the name under not_headers`);
    return undefined;
  }
  const matcher = value === true ? anything : readTextMatcher(reading, leaf);
  if (matcher === undefined) return undefined;
  return {
    what: `header ${name}`,
    expected: matcher.shown,
    holds: (explanation) => {
      const found = fieldOf(explanation, name);
      return found !== undefined && matcher.test(found);
    },
    got: (explanation, settings) => shownField(explanation, settings, name),
  };
}

const anything = { shown: 'present', test: (): boolean => true };

function fieldOf({ upstream, reply }: Explanation, name: string): string | undefined {
  const fields = (upstream ?? reply)?.headers ?? {};
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** The output of a test goes to logs that many read: what the configuration sets may be a password, and then it is not shown. */
function shownField(explanation: Explanation, { routes }: Settings, name: string): string {
  const found = fieldOf(explanation, name);
  if (found === undefined) return 'absent';
  const route = routes.find(({ index }) => index === explanation.route?.index);
  const isSet = route?.setRequestHeaders.some(([set]) => set.toLowerCase() === name) ?? false;
  return isSet && explanation.upstream !== null
    ? 'another value, which set_request_headers keeps secret'
    : isSecretKey(name)
      ? '(secret)'
      : found;
}
