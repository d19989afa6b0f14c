import { isFieldValue, normalisedName } from '../http/header-list.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { RawRoute } from './raw-settings.ts';
import type { Reading } from './reading.ts';
import type { RouteSettings } from './settings.ts';
import { refuseHeaderName, writeHeaderPath } from './upstream-header.ts';

type RequestHeaders = Pick<RouteSettings, 'setRequestHeaders' | 'removeRequestHeaders'>;

/** What a route changes in the headers that its upstream gets. Values may be secrets and are never quoted. */
export function readRequestHeaders(reading: Reading, route: RawRoute, path: SettingPath): RequestHeaders {
  return {
    setRequestHeaders: readSet(reading, Object.entries(route.set_request_headers ?? {}), [...path, 'set_request_headers']),
    removeRequestHeaders: readRemoved(reading, route.remove_request_headers ?? [], [...path, 'remove_request_headers']),
  };
}

// Pomerium replaces `${pomerium.…}` and `$pomerium.…` by tokens of the session, and `$$` by `$`.
const substitution = /\$\{?pomerium\b|\$\$/;

function readSet(reading: Reading, entries: readonly [string, string][], path: SettingPath): RequestHeaders['setRequestHeaders'] {
  const seen = new Set<string>();
  return entries.filter(([name, value]) => {
    const place = [...path, name];
    const normal = normalisedName(name);
    const nameRefusal = refuseHeaderName(name) ?? (seen.has(normal) ? 'the header is written twice in different spellings' : undefined);
    const refusal = nameRefusal ?? refuseHeaderValue(value);
    seen.add(normal);
    if (refusal !== undefined) reading.error(place, `${writeHeaderPath(place)}: ${refusal}`, nameRefusal === undefined ? 'value' : 'key');
    return refusal === undefined;
  });
}

function refuseHeaderValue(value: string): string | undefined {
  if (!isFieldValue(value)) return 'the value holds a character that no header can carry, a line break perhaps';
  if (value !== value.trim()) return 'the value begins or ends with white space, which no header can carry';
  return substitution.test(value) ? 'values taken from the session with $ are not supported yet' : undefined;
}

function readRemoved(reading: Reading, names: readonly string[], path: SettingPath): readonly string[] {
  return names.filter((name, index) => {
    const refusal = refuseHeaderName(name);
    if (refusal !== undefined) reading.error([...path, index], `${writePath([...path, index])}: ${refusal}`);
    return refusal === undefined;
  });
}
