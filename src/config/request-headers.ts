import { isFieldValue, normalisedName } from '../http/header-list.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { RawRoute } from './raw-settings.ts';
import type { Reading } from './reading.ts';
import type { RouteSettings } from './settings.ts';
import { tellNoEffect } from './tell-no-effect.ts';
import { refuseHeaderName, writeHeaderPath } from './upstream-header.ts';

type RequestHeaders = Pick<RouteSettings, 'setRequestHeaders' | 'removeRequestHeaders'>;

/**
 * What a route changes in the headers that its upstream gets. Values may be secrets and are never quoted; tokens like
 * `${pomerium.jwt}` stay as they are written, and the upstream room compiles them. Of a name under both keys the removal counts.
 */
export function readRequestHeaders(reading: Reading, route: RawRoute, path: SettingPath): RequestHeaders {
  const setPath = [...path, 'set_request_headers'];
  const setRequestHeaders = readSet(reading, Object.entries(route.set_request_headers ?? {}), setPath);
  const removeRequestHeaders = readRemoved(reading, route.remove_request_headers ?? [], [...path, 'remove_request_headers']);
  const removed = new Set(removeRequestHeaders.map((name) => name.toLowerCase()));
  for (const [name] of setRequestHeaders) {
    if (removed.has(name.toLowerCase())) tellNoEffect(reading, [...setPath, name], 'beside remove_request_headers');
  }
  return { setRequestHeaders, removeRequestHeaders };
}

function readSet(reading: Reading, entries: readonly [string, string][], path: SettingPath): RequestHeaders['setRequestHeaders'] {
  const seen = new Set<string>();
  return entries.filter(([name, value]) => {
    const place = [...path, name];
    const normal = normalisedName(name);
    const nameRefusal = refuseHeaderName(name) ?? (seen.has(normal) ? 'the header is written twice in different spellings' : undefined);
    const refusal = nameRefusal ?? refuseHeaderValue(value);
    seen.add(normal);
    if (refusal !== undefined)
      reading.error(place, `${writeHeaderPath(place)}: ${refusal}`, { part: nameRefusal === undefined ? 'value' : 'key' });
    return refusal === undefined;
  });
}

function refuseHeaderValue(value: string): string | undefined {
  if (!isFieldValue(value)) return 'the value holds a character that no header can carry, a line break perhaps';
  return value === value.trim() ? undefined : 'the value begins or ends with white space, which no header can carry';
}

function readRemoved(reading: Reading, names: readonly string[], path: SettingPath): readonly string[] {
  return names.filter((name, index) => {
    const refusal = refuseHeaderName(name);
    if (refusal !== undefined) reading.error([...path, index], `${writePath([...path, index])}: ${refusal}`);
    return refusal === undefined;
  });
}
