import type { Vouched } from '../../src/upstream/vouched.ts';
import type { HeaderList } from '../../src/http/header-list.ts';
import { parseAuthority } from '../../src/http/hostname.ts';
import type { Inbound } from '../../src/http/inbound.ts';
import { parseTarget } from '../../src/http/path.ts';
import type { HeaderPlan } from '../../src/upstream/header-plan.ts';
import { hostOfUpstream } from '../../src/upstream/host-header.ts';

/** A request as the listener hands it on. */
export function inboundOf(given: Partial<Inbound> & { readonly host?: string; readonly target?: string } = {}): Inbound {
  const rawAuthority = given.host ?? 'app.example';
  const authority = parseAuthority(rawAuthority);
  const target = parseTarget(given.target ?? '/');
  if (authority === undefined || typeof target === 'string') throw new Error('not a request for a test');
  return {
    id: 'reference-1',
    receivedAt: 0,
    protocol: 'http/1.1',
    method: 'GET',
    authority,
    rawAuthority,
    path: target.path,
    query: target.query,
    headers: [],
    upgrade: undefined,
    connection: {
      id: 1,
      scheme: 'https',
      sniRaw: undefined,
      hostname: undefined,
      group: 'plain',
      asked: false,
      remoteAddress: '192.0.2.7',
      remotePort: 50_000,
      tlsVersion: 'TLSv1.3',
      resumed: false,
      certificate: { kind: 'none' },
    },
    ...given,
  };
}

export const plainPlan: HeaderPlan = {
  dropNames: new Set(),
  isOurCookie: (name) => name.startsWith('_pomerium'),
  set: [],
  remove: new Set(),
  hostOf: hostOfUpstream,
  forwardedFor: { append: true, trustedHops: 0 },
};

/** Identity headers without anything else vouched for. */
export function vouching(identity: HeaderList = []): Vouched {
  return { identity, token: () => '' };
}
