import { readHeaderMap } from './header-map.ts';
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
  if (route.set_request_headers === undefined && route.remove_request_headers === undefined) return unchanged;
  const setPath = [...path, 'set_request_headers'];
  const setRequestHeaders = readHeaderMap(reading, route.set_request_headers ?? {}, {
    path: setPath,
    refuseName: refuseHeaderName,
    writeEntry: writeHeaderPath,
  });
  const removeRequestHeaders = readRemoved(reading, route.remove_request_headers ?? [], [...path, 'remove_request_headers']);
  const removed = new Set(removeRequestHeaders.map((name) => name.toLowerCase()));
  for (const [name] of setRequestHeaders) {
    if (removed.has(name.toLowerCase())) tellNoEffect(reading, [...setPath, name], 'beside remove_request_headers');
  }
  return { setRequestHeaders, removeRequestHeaders };
}

const unchanged: RequestHeaders = { setRequestHeaders: [], removeRequestHeaders: [] };

function readRemoved(reading: Reading, names: readonly string[], path: SettingPath): readonly string[] {
  return names.filter((name, index) => {
    const refusal = refuseHeaderName(name);
    if (refusal !== undefined) reading.error([...path, index], `${writePath([...path, index])}: ${refusal}`);
    return refusal === undefined;
  });
}
