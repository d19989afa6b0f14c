import { parseAuthority } from '../../src/http/hostname.ts';
import type { Inbound } from '../../src/http/inbound.ts';
import { parseTarget } from '../../src/http/path.ts';

/** The request a browser would send for an https URL, as the listener hands it on. */
export function request(url: string, cookies = '', method = 'GET'): Inbound {
  const [, rawAuthority = '', rawTarget = ''] = /^https:\/\/([^/]+)(.*)$/.exec(url) ?? [];
  const authority = parseAuthority(rawAuthority);
  const target = parseTarget(rawTarget);
  if (authority === undefined || typeof target === 'string') throw new Error(`not a URL for a test: ${url}`);
  return {
    id: 'test',
    receivedAt: 0,
    protocol: 'http/1.1',
    method,
    authority,
    rawAuthority,
    ...target,
    headers: cookies === '' ? [] : ['Cookie', cookies],
    upgrade: undefined,
    connection: {
      id: 1,
      scheme: 'https',
      sniRaw: authority.hostname,
      hostname: authority.hostname,
      group: 'plain',
      asked: false,
      remoteAddress: '127.0.0.1',
      remotePort: 50_000,
      tlsVersion: 'TLSv1.3',
      resumed: false,
      certificate: { kind: 'none' },
    },
  };
}
