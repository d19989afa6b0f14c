import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { RawRoute } from './raw-settings.ts';
import type { Reading } from './reading.ts';
import type { PathMatcherSettings } from './settings.ts';

/** Of several path keys one counts: regex before path before prefix. */
export function readMatcher(reading: Reading, route: RawRoute, path: SettingPath): PathMatcherSettings {
  const written = (['regex', 'path', 'prefix'] as const).filter((key) => route[key] !== undefined);
  const [counts, ...others] = written;
  for (const other of others) {
    const place = [...path, other];
    reading.warning(
      place,
      `${writePath(place)} has no effect: of regex, path and prefix only the first that is written counts`,
      'no-effect',
    );
  }
  if (counts === undefined) return { kind: 'any' };
  const text = route[counts] ?? '';
  const place = [...path, counts];
  // Pomerium takes an empty one for none at all. Here it would be a route that nobody reaches, and nobody would know why.
  if (text === '') reading.error(place, `${writePath(place)} "" matches no path: leave it out where every path is meant`);
  if (counts === 'regex') return { kind: 'regex', regex: text, place };
  if (text !== '' && !text.startsWith('/'))
    reading.error(place, `${writePath(place)} ${quoteValue(text)} matches no path: write it with a slash at the beginning`);
  if (counts === 'path') return { kind: 'path', path: text };
  warnOfOpenPrefix(reading, text, place);
  return { kind: 'prefix', prefix: text };
}

/** A prefix is plain text: what was meant for `/admin` is granted to `/administrators` as well. */
function warnOfOpenPrefix(reading: Reading, prefix: string, place: SettingPath): void {
  if (!prefix.startsWith('/') || prefix.endsWith('/')) return;
  const also = quoteValue(`${prefix}x`);
  reading.warning(
    place,
    `${writePath(place)} ${quoteValue(prefix)} also matches ${also}: end it with a slash if only what is below it is meant`,
    'open-prefix',
  );
}
