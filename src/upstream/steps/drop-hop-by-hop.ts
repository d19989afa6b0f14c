import type { HeaderList } from '../../http/header-list.ts';
import { headerValues } from '../../http/header-list.ts';
import type { HeaderStep } from '../header-step.ts';
import { withoutNames } from '../without-names.ts';

/**
 * First of all steps. What `Connection` names is dropped while only the client's own fields are there: done later it would
 * let a client remove what the proxy says (CVE-2024-45410, CVE-2026-29054).
 */
export const dropHopByHop: HeaderStep = {
  name: 'drop hop-by-hop',
  drops: ({ plain }) => isHopByHop(plain),
  wakes: 'connection',
  apply(fields, { inbound }) {
    const named = connectionOptions(inbound.headers);
    return named === undefined ? fields : withoutNames(fields, named);
  },
};

/** Fields about one connection or one message frame, by plain name. `Expect` is answered by the listener, `Host` and the length are made anew. */
export function isHopByHop(plain: string): boolean {
  return hopByHop.has(plain);
}

/** The field names that `Connection` lists, in lower case; undefined when it lists none that counts. */
export function connectionOptions(headers: HeaderList): ReadonlySet<string> | undefined {
  let named: Set<string> | undefined;
  for (const value of headerValues(headers, 'connection')) {
    // Nearly always one of them alone.
    if (harmlessOptions.has(value)) continue;
    for (const option of value.toLowerCase().split(',')) {
      const name = option.trim();
      if (name === '' || harmlessOptions.has(name)) continue;
      named ??= new Set();
      named.add(name);
    }
  }
  return named;
}

const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
  'host',
  'content-length',
]);

// The first two are words, not fields. The others are meant for every recipient and can't be options (RFC 9110 section 7.6.1):
// naming one is an attempt to make the upstream see a request that was not judged.
const harmlessOptions: ReadonlySet<string> = new Set([
  'close',
  'keep-alive',
  'upgrade',
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'cookie',
  'authorization',
  'cache-control',
  'origin',
  'referer',
]);
