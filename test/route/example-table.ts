import assert from 'node:assert/strict';
import type { PathMatcherSettings } from '../../src/config/settings.ts';
import type { HostPattern } from '../../src/http/host-table.ts';
import { parseHostPattern } from '../../src/http/host-table.ts';
import type { Authority } from '../../src/http/hostname.ts';
import { parseAuthority } from '../../src/http/hostname.ts';
import type { CanonicalPath } from '../../src/http/path.ts';
import { parseTarget } from '../../src/http/path.ts';
import type { RouteEntry, RouteTable } from '../../src/route/route-table.ts';
import { buildRouteTable } from '../../src/route/route-table.ts';

export type WrittenMatcher = Readonly<{ prefix?: string; path?: string; regex?: string }>;

/** A route as a test writes it: `host` or `host:port`, a matcher, and the host and matcher again as its value. */
export function entry(from: string, matcher: WrittenMatcher = {}): RouteEntry<string> {
  const colon = from.lastIndexOf(':');
  const hasPort = colon !== -1 && !from.endsWith(']');
  const [specifier = ''] = Object.values(matcher);
  return {
    host: hostPattern(hasPort ? from.slice(0, colon) : from),
    port: hasPort ? Number(from.slice(colon + 1)) : undefined,
    matcher: toSettings(matcher),
    value: `${from} ${specifier}`.trim(),
  };
}

export function table(entries: readonly RouteEntry<string>[]): RouteTable<string> {
  const build = buildRouteTable(entries);
  assert.ok(build.ok);
  return build.table;
}

export function authority(text: string): Authority {
  const parsed = parseAuthority(text);
  assert.ok(parsed, text);
  return parsed;
}

export function canonicalPath(text: string): CanonicalPath {
  const target = parseTarget(text);
  assert.ok(typeof target === 'object', text);
  return target.path;
}

function hostPattern(text: string): HostPattern {
  const pattern = parseHostPattern(text);
  assert.ok(pattern, text);
  return pattern;
}

function toSettings({ prefix, path, regex }: WrittenMatcher): PathMatcherSettings {
  if (regex !== undefined) return { kind: 'regex', regex, place: ['routes'] };
  if (path !== undefined) return { kind: 'path', path };
  return prefix === undefined ? { kind: 'any' } : { kind: 'prefix', prefix };
}
