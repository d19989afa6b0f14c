import { isFieldName } from '../http/header-list.ts';
import { parseAuthority } from '../http/hostname.ts';
import type { HostHeaderSettings } from './action-settings.ts';
import { readPair } from './paired-keys.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { RawRoute } from './raw-settings.ts';
import type { Reading } from './reading.ts';
import { tellNoEffect } from './tell-no-effect.ts';

type Choice = readonly [key: keyof RawRoute, settings: HostHeaderSettings | undefined];

const hostKeys = [
  'host_rewrite',
  'host_rewrite_header',
  'host_path_regex_rewrite_pattern',
  'host_path_regex_rewrite_substitution',
  'preserve_host_header',
] as const satisfies readonly (keyof RawRoute)[];

/** Which `Host` the upstream gets: of several keys the first counts, literal before header before path before the client's. */
export function readHostHeader(reading: Reading, route: RawRoute, path: SettingPath): HostHeaderSettings {
  if (!hostKeys.some((key) => route[key] !== undefined && route[key] !== false)) return { kind: 'upstream' };
  const choices: readonly Choice[] = [
    ['host_rewrite', readLiteral(reading, route, path)],
    ['host_rewrite_header', readHeaderName(reading, route, path)],
    ['host_path_regex_rewrite_pattern', readFromPath(reading, route, path)],
    ['preserve_host_header', route.preserve_host_header ? { kind: 'preserve' } : undefined],
  ];
  const [winner, ...losers] = choices.filter(([, settings]) => settings !== undefined);
  if (winner === undefined) return { kind: 'upstream' };
  for (const [key] of losers) tellNoEffect(reading, [...path, key], `beside ${winner[0]}`);
  return winner[1] ?? { kind: 'upstream' };
}

function readLiteral(reading: Reading, { host_rewrite: host }: RawRoute, path: SettingPath): HostHeaderSettings | undefined {
  if (host === undefined) return undefined;
  if (parseAuthority(host) !== undefined) return { kind: 'literal', host };
  const place = [...path, 'host_rewrite'];
  reading.error(place, `${writePath(place)} ${quoteValue(host)} is no host: write a name like app.internal or app.internal:8080`);
  return undefined;
}

function readHeaderName(reading: Reading, { host_rewrite_header: name }: RawRoute, path: SettingPath): HostHeaderSettings | undefined {
  if (name === undefined) return undefined;
  if (isFieldName(name)) return { kind: 'header', name };
  const place = [...path, 'host_rewrite_header'];
  reading.error(place, `${writePath(place)} ${quoteValue(name)} is no header name: write the name of a request header, like X-Host`);
  return undefined;
}

function readFromPath(reading: Reading, route: RawRoute, path: SettingPath): HostHeaderSettings | undefined {
  const place = [...path, 'host_path_regex_rewrite_pattern'];
  const pair = readPair(reading, {
    first: { path: place, text: route.host_path_regex_rewrite_pattern },
    second: { path: [...path, 'host_path_regex_rewrite_substitution'], text: route.host_path_regex_rewrite_substitution },
  });
  if (pair === undefined) return undefined;
  const [pattern, substitution] = pair;
  return { kind: 'path', pattern, substitution, place };
}
