import { isWildcard } from '../../src/http/host-table.ts';
import type { Authority } from '../../src/http/hostname.ts';
import type { RouteEntry } from '../../src/route/route-table.ts';

/** A route as the slow scan asks it: with expressions of JavaScript where the table has indexes, RE2 and a matcher of its own. */
interface Scanned {
  readonly value: string;
  readonly isWildcard: boolean;
  readonly port: number | undefined;
  readonly isOfHost: (hostname: string) => boolean;
  readonly fits: (path: string) => boolean;
}

/**
 * Finds routes as the manual describes it, sentence after sentence over the plain list: what the compiled table answers is
 * compared with it. Nothing of `src/` decides here.
 */
export function readingOrder(routes: readonly RouteEntry<string>[]): (asked: Authority, path: string) => string | undefined {
  const scanned = routes.map(prepare);
  return ({ hostname, port }, path) => {
    const ofHost = scanned.filter((route) => route.isOfHost(hostname));
    const forPort = (some: readonly Scanned[]): readonly Scanned[] => {
      const veryPort = some.filter((route) => route.port !== undefined && route.port === port);
      return veryPort.length > 0 ? veryPort : some.filter((route) => route.port === undefined);
    };
    const named = forPort(ofHost.filter((route) => !route.isWildcard));
    const candidates = named.length > 0 ? named : forPort(ofHost.filter((route) => route.isWildcard));
    return candidates.find((route) => route.fits(path))?.value;
  };
}

function prepare({ host, port, matcher, value }: RouteEntry<string>): Scanned {
  const ofHost = new RegExp(`^${host.replaceAll(/[.[\]]/g, '\\$&').replaceAll('*', '.*')}$`);
  return {
    value,
    isWildcard: isWildcard(host),
    port: port === 443 ? undefined : port,
    isOfHost: (hostname) => ofHost.test(hostname),
    fits: fitting(matcher),
  };
}

function fitting(matcher: RouteEntry<string>['matcher']): (path: string) => boolean {
  switch (matcher.kind) {
    case 'any':
      return () => true;
    case 'prefix':
      return (path) => path.slice(0, matcher.prefix.length) === matcher.prefix;
    case 'path':
      return (path) => path === matcher.path;
    case 'regex': {
      const whole = new RegExp(`^(?:${matcher.regex})$`);
      return (path) => whole.test(path);
    }
  }
}
