import { isFieldValue } from '../http/header-list.ts';
import type { ResponseHeaderRewrite } from './action-settings.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { RawRoute } from './raw-settings.ts';
import type { Reading } from './reading.ts';
import type { ResponseHeaders } from './response-headers.ts';
import { readResponseHeaderMap, refuseResponseHeader } from './response-headers.ts';

/** The headers that are set on a route's answers: the global ones with the route's over them, compared without case. */
export function readRouteResponseHeaders(
  reading: Reading,
  { set_response_headers: written }: RawRoute,
  path: SettingPath,
  inherited: ResponseHeaders,
): ResponseHeaders {
  if (written === undefined) return inherited;
  const place = [...path, 'set_response_headers'];
  if (Object.hasOwn(written, 'disable')) {
    const off = [...place, 'disable'];
    // In Pomerium it is a header of that name here; whoever writes it most likely means the other.
    reading.error(off, `${writePath(off)} means something at the top level only: write it there, or a header with its value here`, {
      part: 'key',
    });
  }
  const own = readResponseHeaderMap(reading, written, place).filter(([name]) => name !== 'disable');
  const replaced = new Set(own.map(([name]) => name.toLowerCase()));
  return [...inherited.filter(([name]) => !replaced.has(name.toLowerCase())), ...own];
}

/** `rewrite_response_headers`: headers whose beginning is replaced, as that of a `Location` that names the upstream. */
export function readResponseHeaderRewrites(
  reading: Reading,
  { rewrite_response_headers: written }: RawRoute,
  path: SettingPath,
): readonly ResponseHeaderRewrite[] {
  return (written ?? []).flatMap(({ header, prefix, value }, index) => {
    const place = [...path, 'rewrite_response_headers', index];
    if (reading.isRefused(place)) return [];
    tellMissing(reading, place, { header, prefix, value });
    if (header === undefined || prefix === undefined || value === undefined) return [];
    const refusal = refuseResponseHeader(header);
    const headerPlace = [...place, 'header'];
    if (refusal !== undefined) reading.error(headerPlace, `${writePath(headerPlace)}: ${refusal}`);
    for (const [key, text] of [
      ['prefix', prefix],
      ['value', value],
    ] as const) {
      const at = [...place, key];
      if (!isFieldValue(text)) reading.error(at, `${writePath(at)} holds a character that no header can carry, a line break perhaps`);
    }
    return [{ header, prefix, value }];
  });
}

const advice = { header: 'the name of the header', prefix: 'the beginning that is replaced', value: 'what stands there instead' } as const;

function tellMissing(reading: Reading, path: SettingPath, entry: Readonly<Record<keyof typeof advice, string | undefined>>): void {
  for (const key of ['header', 'prefix', 'value'] as const) {
    const place = [...path, key];
    if (entry[key] === undefined && !reading.isRefused(place))
      reading.error(path, `${writePath(place)} is missing: write ${advice[key]}`, { code: 'missing-key' });
  }
}
