import type { UpstreamSettings } from './action-settings.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { RawRoute } from './raw-settings.ts';
import type { Reading } from './reading.ts';
import { rememberTexts } from './remember-texts.ts';
import type { UpstreamText } from './route-to.ts';
import { parseTo } from './route-to.ts';

export interface RouteUpstreams {
  readonly to: readonly UpstreamSettings[];
  /** The path of the first entry, which takes the place of the matched prefix; undefined where there is none, or where another key rewrites the path. */
  readonly base: { readonly path: string; readonly place: SettingPath } | undefined;
}

const parseOnce = rememberTexts(parseTo);

interface Entry extends UpstreamText {
  readonly place: SettingPath;
}

/** The upstreams of `to`. They are of one kind, and all of them have a weight or none has. */
export function readUpstreams(reading: Reading, route: RawRoute, path: SettingPath): RouteUpstreams {
  const place = [...path, 'to'];
  const entries = readEntries(reading, route.to, place);
  if (entries.length > 1) tellMixed(reading, entries, place);
  const [first] = entries;
  const rewriter = (['prefix_rewrite', 'regex_rewrite_pattern'] as const).find((key) => route[key] !== undefined);
  const base = rewriter === undefined && first !== undefined && first.path !== '' ? { path: first.path, place: first.place } : undefined;
  for (const entry of entries) tellUnusedPath(reading, entry, { base: base?.path, rewriter });
  return { to: entries.map(({ url, weight = 1 }) => ({ url, weight })), base };
}

function readEntries(reading: Reading, to: RawRoute['to'], place: SettingPath): readonly Entry[] {
  const written = typeof to === 'string' ? [{ text: to, at: place }] : (to ?? []).map((text, index) => ({ text, at: [...place, index] }));
  if (to !== undefined && written.length === 0)
    reading.error(place, `${writePath(place)} is an empty list: write the upstream, like http://127.0.0.1:8080`, { code: 'missing-key' });
  return written.flatMap(({ text, at }) => {
    const parsed = parseOnce(reading, text);
    if (!parsed.ok) reading.error(at, `${writePath(at)} ${parsed.message}`, { code: parsed.code });
    return parsed.ok ? [{ ...parsed, place: at }] : [];
  });
}

function tellMixed(reading: Reading, entries: readonly Entry[], place: SettingPath): void {
  const name = writePath(place);
  if (isMixed(entries, ({ url }) => url.protocol === 'unix:'))
    reading.error(place, `${name} mixes unix:// with hosts: write one kind only`, { code: 'conflicting-keys' });
  if (isMixed(entries, ({ weight }) => weight !== undefined))
    reading.error(place, `${name} mixes entries with and without a weight: write one behind every entry, or behind none`, {
      code: 'conflicting-keys',
    });
}

function isMixed(entries: readonly Entry[], is: (entry: Entry) => boolean): boolean {
  return entries.some(is) && !entries.every(is);
}

interface PathUse {
  readonly base: string | undefined;
  readonly rewriter: string | undefined;
}

/** A lone slash is how many write a URL without a path, and nobody expects anything of it. */
function tellUnusedPath(reading: Reading, { path, place }: Entry, { base, rewriter }: PathUse): void {
  if (path === '' || path === '/' || path === base) return;
  const reason = rewriter === undefined ? 'because only that of the first entry counts' : `beside ${rewriter}`;
  reading.warning(place, `${writePath(place)}: the path ${quoteValue(path)} has no effect ${reason}`, 'no-effect');
}
