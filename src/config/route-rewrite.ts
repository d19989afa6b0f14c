import type { PathRewriteSettings } from './action-settings.ts';
import { readPair } from './paired-keys.ts';
import { readPathText } from './path-text.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { RawRoute } from './raw-settings.ts';
import type { Reading } from './reading.ts';
import type { RouteUpstreams } from './route-upstreams.ts';

/** How the path is changed on its way to the upstream; `base` is the path of `to`, which counts where no key speaks of it. */
export function readRewrite(
  reading: Reading,
  route: RawRoute,
  path: SettingPath,
  base: RouteUpstreams['base'],
): PathRewriteSettings | undefined {
  const regex = readRegexRewrite(reading, route, path);
  const prefix = readPrefixRewrite(reading, route, path);
  if (regex !== undefined && route.prefix_rewrite !== undefined) {
    const name = writePath([...path, 'prefix_rewrite']);
    reading.error(regex.place, `${writePath(regex.place)} and ${name} both rewrite the path: keep one of them`, {
      code: 'conflicting-keys',
    });
  }
  return regex ?? prefix ?? readBase(route, base);
}

function readRegexRewrite(reading: Reading, route: RawRoute, path: SettingPath): PathRewriteSettings | undefined {
  const place = [...path, 'regex_rewrite_pattern'];
  const pair = readPair(reading, {
    first: { path: place, text: route.regex_rewrite_pattern },
    second: { path: [...path, 'regex_rewrite_substitution'], text: route.regex_rewrite_substitution },
  });
  if (pair === undefined) return undefined;
  const [pattern, substitution] = pair;
  return { kind: 'regex', pattern, substitution, place };
}

function readPrefixRewrite(reading: Reading, { prefix_rewrite: text }: RawRoute, path: SettingPath): PathRewriteSettings | undefined {
  const place = [...path, 'prefix_rewrite'];
  const replacement = text === undefined ? undefined : readPathText(reading, place, text);
  return replacement === undefined ? undefined : { kind: 'prefix', replacement, place };
}

/** Without a key that chooses paths the matched prefix is a slash, and a slash takes its place. */
function readBase(route: RawRoute, base: RouteUpstreams['base']): PathRewriteSettings | undefined {
  if (base === undefined) return undefined;
  const matchesAny = route.prefix === undefined && route.path === undefined && route.regex === undefined;
  return base.path === '/' && matchesAny ? undefined : { kind: 'prefix', replacement: base.path, place: base.place };
}
