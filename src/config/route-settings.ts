import { quoteValue } from './quote-value.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { RawRoute, RawSettings } from './raw-settings.ts';
import { readDuration } from './read-value.ts';
import type { Reading } from './reading.ts';
import { readRequestHeaders } from './request-headers.ts';
import { parseFrom } from './route-from.ts';
import { parseTo } from './route-to.ts';
import type { AccessSettings, PathMatcherSettings, RouteSettings } from './settings.ts';
import { readPem } from './written-text.ts';

/** Both lists of routes, `policy` first (P 2). A route whose `from` can't be read is left out, with a problem told. */
export function readRoutes(reading: Reading, raw: RawSettings): readonly RouteSettings[] {
  const written = (['policy', 'routes'] as const).flatMap((list) => {
    return (raw[list] ?? []).map((route, index): [RawRoute, SettingPath] => [route, [list, index]]);
  });
  return written.flatMap(([route, path], index) => {
    if (reading.isRefused(path)) return [];
    return readRoute(reading, route, { path, index, passIdentityHeaders: raw.pass_identity_headers }) ?? [];
  });
}

interface RouteContext {
  readonly path: SettingPath;
  readonly index: number;
  readonly passIdentityHeaders: boolean;
}

function readRoute(reading: Reading, route: RawRoute, { path, index, passIdentityHeaders }: RouteContext): RouteSettings | undefined {
  const from = readFrom(reading, route, path);
  const rest: Omit<RouteSettings, 'from' | 'host' | 'port'> = {
    index,
    path,
    name: route.name,
    to: readTo(reading, route, path),
    matcher: readMatcher(reading, route, path),
    access: readAccess(reading, route, path),
    clientCa: readPem(reading, {
      path: [...path, 'tls_downstream_client_ca'],
      inline: route.tls_downstream_client_ca,
      file: route.tls_downstream_client_ca_file,
    }),
    allowWebsockets: route.allow_websockets,
    preserveHostHeader: route.preserve_host_header,
    passIdentityHeaders: route.pass_identity_headers ?? passIdentityHeaders,
    ...readRequestHeaders(reading, route, path),
    timeoutMs: route.timeout === undefined ? undefined : readDuration(reading, [...path, 'timeout'], route.timeout),
  };
  return from === undefined ? undefined : { ...from, ...rest };
}

function readFrom(reading: Reading, { from }: RawRoute, path: SettingPath): Pick<RouteSettings, 'from' | 'host' | 'port'> | undefined {
  const place = [...path, 'from'];
  if (from === undefined) {
    if (!reading.isRefused(place)) reading.error(path, `${writePath(place)} is missing: write https://host`);
    return undefined;
  }
  const parsed = parseFrom(from);
  if (parsed.ok) return { from, host: parsed.host, port: parsed.port };
  reading.error(place, `${writePath(place)} ${parsed.message}`);
  return undefined;
}

function readTo(reading: Reading, { to, prefix }: RawRoute, path: SettingPath): readonly URL[] {
  const place = [...path, 'to'];
  const written = typeof to === 'string' ? [{ text: to, at: place }] : (to ?? []).map((text, index) => ({ text, at: [...place, index] }));
  if (written.length === 0 && !reading.isRefused(place)) {
    reading.error(to === undefined ? path : place, `${writePath(place)} is missing: write the upstream, like http://127.0.0.1:8080`);
  }
  const urls = written.flatMap(({ text, at }) => {
    const parsed = parseTo(text, { rewritesPrefix: prefix !== undefined });
    if (!parsed.ok) reading.error(at, `${writePath(at)} ${parsed.message}`);
    return parsed.ok ? [parsed.url] : [];
  });
  const sockets = urls.filter(({ protocol }) => protocol === 'unix:').length;
  if (sockets > 0 && sockets < urls.length) reading.error(place, `${writePath(place)} mixes unix:// with hosts: write one kind only`);
  return urls;
}

/** Of several path keys one counts: regex before path before prefix (P 2.3.4). */
function readMatcher(reading: Reading, route: RawRoute, path: SettingPath): PathMatcherSettings {
  const written = (['regex', 'path', 'prefix'] as const).filter((key) => route[key] !== undefined);
  const [counts, ...others] = written;
  for (const other of others) {
    const place = [...path, other];
    reading.warning(place, `${writePath(place)} has no effect: of regex, path and prefix only the first that is written counts`);
  }
  if (counts === undefined) return { kind: 'any' };
  const text = route[counts] ?? '';
  const place = [...path, counts];
  if (counts === 'regex') return { kind: 'regex', regex: text, place };
  if (!text.startsWith('/'))
    reading.error(place, `${writePath(place)} ${quoteValue(text)} matches no path: write it with a slash at the beginning`);
  if (counts === 'path') return { kind: 'path', path: text };
  warnOfOpenPrefix(reading, text, place);
  return { kind: 'prefix', prefix: text };
}

/** A prefix is plain text (contract 4.1): what was meant for `/admin` is granted to `/administrators` as well. */
function warnOfOpenPrefix(reading: Reading, prefix: string, place: SettingPath): void {
  if (!prefix.startsWith('/') || prefix.endsWith('/')) return;
  const also = quoteValue(`${prefix}x`);
  reading.warning(
    place,
    `${writePath(place)} ${quoteValue(prefix)} also matches ${also}: end it with a slash if only what is below it is meant`,
  );
}

function readAccess(reading: Reading, route: RawRoute, path: SettingPath): AccessSettings {
  const { allow_public_unauthenticated_access: publicAccess, allow_any_authenticated_user: anyAuthenticatedUser } = route;
  const lists = (['allowed_users', 'allowed_domains'] as const).filter((key) => route[key] !== undefined);
  const narrower = [...(publicAccess && anyAuthenticatedUser ? ['allow_any_authenticated_user'] : []), ...lists];
  const wider = publicAccess ? 'allow_public_unauthenticated_access' : 'allow_any_authenticated_user';
  if (publicAccess || anyAuthenticatedUser) {
    for (const key of narrower)
      reading.error([...path, key], `${writePath([...path, key])} means nothing beside ${wider}: keep one of them`);
  }
  return {
    publicAccess,
    anyAuthenticatedUser,
    allowedUsers: route.allowed_users ?? [],
    allowedDomains: route.allowed_domains ?? [],
    policy: route.policy,
    policyPath: [...path, 'policy'],
  };
}
