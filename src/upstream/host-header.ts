import type { HostHeaderSettings } from '../config/action-settings.ts';
import { headerValues } from '../http/header-list.ts';
import { parseAuthority } from '../http/hostname.ts';
import type { Inbound } from '../http/inbound.ts';
import type { Compiled } from './substitution.ts';
import { compileSubstitution } from './substitution.ts';
import { writeAuthority } from './write-authority.ts';

/** The `Host` that an upstream gets; `upstreamHost` is that of the endpoint, and what is sent where there is no better one. */
export type HostOf = (inbound: Pick<Inbound, 'authority' | 'headers' | 'path'>, upstreamHost: string) => string;

/** Without a word of the route. */
export const hostOfUpstream: HostOf = (_inbound, upstreamHost) => upstreamHost;

/** Only an expression can be wrong. Whatever a request makes of it, what is sent is a valid host in canonical form, or the upstream's. */
export function compileHostHeader(settings: HostHeaderSettings): Compiled<HostOf> {
  switch (settings.kind) {
    case 'upstream':
      return { ok: true, value: hostOfUpstream };
    case 'preserve':
      return { ok: true, value: ({ authority }) => writeAuthority(authority) };
    case 'literal':
      return { ok: true, value: () => settings.host };
    case 'header':
      return { ok: true, value: hostFromHeader(settings.name.toLowerCase()) };
    case 'path': {
      const compiled = compileSubstitution(settings);
      return compiled.ok ? { ok: true, value: ({ path }, upstreamHost) => canonicalHost(compiled.value(path)) ?? upstreamHost } : compiled;
    }
  }
}

function hostFromHeader(lowerName: string): HostOf {
  return ({ authority, headers }, upstreamHost) => {
    if (lowerName === 'host') return writeAuthority(authority);
    const [value, ...more] = headerValues(headers, lowerName);
    // Of two the first would be a guess.
    return value === undefined || more.length > 0 ? upstreamHost : (canonicalHost(value.trim()) ?? upstreamHost);
  };
}

function canonicalHost(text: string | undefined): string | undefined {
  const authority = text === undefined ? undefined : parseAuthority(text);
  return authority === undefined ? undefined : writeAuthority(authority);
}
