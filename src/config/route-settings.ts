import { issuerFormats } from './choices.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { RawRoute, RawSettings } from './raw-settings.ts';
import { readChoice } from './read-value.ts';
import type { Reading } from './reading.ts';
import { rememberTexts } from './remember-texts.ts';
import { readRequestHeaders } from './request-headers.ts';
import { readAccess } from './route-access.ts';
import { readAction } from './route-action.ts';
import type { RouteDefaults } from './route-defaults.ts';
import { readRouteCertificates } from './route-certificates.ts';
import { parseFrom } from './route-from.ts';
import { readRouteBearer } from './route-bearer.ts';
import { readMatcher } from './route-matcher.ts';
import { readRouteResponseHeaders } from './route-response-headers.ts';
import type { JwtIssuerFormat, RouteSettings } from './settings.ts';
import { tellRouteCertificates } from './tell-route-certificates.ts';
import { readPem } from './written-text.ts';

/** Both lists of routes, `policy` first. A route whose `from` can't be read is left out, with a problem told. */
export function readRoutes(reading: Reading, raw: RawSettings, defaults: RouteDefaults): readonly RouteSettings[] {
  const written = (['policy', 'routes'] as const).flatMap((list) => {
    return (raw[list] ?? []).map((route, index): [RawRoute, SettingPath] => [route, [list, index]]);
  });
  return written.flatMap(([route, path], index) => {
    if (reading.isRefused(path)) return [];
    const read = readRoute(reading, route, { path, index, defaults });
    if (read === undefined) return [];
    tellRouteCertificates(reading, { read, raw: route, defaults: defaults.certificates });
    return read;
  });
}

interface RouteContext {
  readonly path: SettingPath;
  readonly index: number;
  readonly defaults: RouteDefaults;
}

function readRoute(reading: Reading, route: RawRoute, { path, index, defaults }: RouteContext): RouteSettings | undefined {
  const from = readFrom(reading, route, path);
  const action = readAction(reading, route, path, defaults);
  const matcher = readMatcher(reading, route, path);
  const access = readAccess(reading, route, path);
  const bearer = readRouteBearer(reading, route, path, defaults.bearer);
  const clientCa = readPem(reading, {
    path: [...path, 'tls_downstream_client_ca'],
    inline: route.tls_downstream_client_ca,
    file: route.tls_downstream_client_ca_file,
  });
  const certificates = readRouteCertificates(reading, route, path, defaults.certificates);
  const jwtIssuerFormat = readIssuerFormat(reading, route, path) ?? defaults.jwtIssuerFormat;
  const { setRequestHeaders, removeRequestHeaders } = readRequestHeaders(reading, route, path);
  const setResponseHeaders = readRouteResponseHeaders(reading, route, path, defaults.responseHeaders);
  // All that is written was looked at, so that everything wrong with it is told at once.
  if (from === undefined) return undefined;
  return {
    // The only one, and the first: the engine copies it as a whole, and any other field by field, thousands of times.
    ...certificates,
    from: from.from,
    host: from.host,
    port: from.port,
    index,
    path,
    name: route.name,
    description: route.description,
    action,
    matcher,
    access,
    allowCrossSite: route.allow_cross_site,
    bearer,
    clientCa,
    passIdentityHeaders: route.pass_identity_headers ?? defaults.passIdentityHeaders,
    jwtIssuerFormat,
    setRequestHeaders,
    removeRequestHeaders,
    setResponseHeaders,
  };
}

const parseOnce = rememberTexts(parseFrom);

function readFrom(reading: Reading, { from }: RawRoute, path: SettingPath): Pick<RouteSettings, 'from' | 'host' | 'port'> | undefined {
  const place = [...path, 'from'];
  if (from === undefined) {
    if (!reading.isRefused(place)) reading.error(path, `${writePath(place)} is missing: write https://host`, { code: 'missing-key' });
    return undefined;
  }
  const parsed = parseOnce(reading, from);
  if (parsed.ok) return { from, host: parsed.host, port: parsed.port };
  reading.error(place, `${writePath(place)} ${parsed.message}`, { code: parsed.code });
  return undefined;
}

function readIssuerFormat(reading: Reading, { jwt_issuer_format: text }: RawRoute, path: SettingPath): JwtIssuerFormat | undefined {
  return text === undefined ? undefined : readChoice(reading, [...path, 'jwt_issuer_format'], { text, words: issuerFormats });
}
