import type { ForwardSettings, UpgradeProtocol } from './action-settings.ts';
import { readKubernetesToken } from './kubernetes-token.ts';
import type { SettingPath } from './problem.ts';
import type { RawRoute } from './raw-settings.ts';
import { readDuration } from './read-value.ts';
import type { Reading } from './reading.ts';
import type { RouteDefaults } from './route-defaults.ts';
import { readHostHeader } from './route-host-header.ts';
import { readResponseHeaderRewrites } from './route-response-headers.ts';
import { readRewrite } from './route-rewrite.ts';
import { readUpstreamTls } from './route-upstream-tls.ts';
import { readUpstreams } from './route-upstreams.ts';

type Timeouts = Pick<ForwardSettings, 'timeoutMs' | 'idleTimeoutMs'>;

/** How requests go to the upstreams of a route. */
export function readForward(reading: Reading, route: RawRoute, path: SettingPath, defaults: RouteDefaults): ForwardSettings {
  const { to, base } = readUpstreams(reading, route, path);
  const speaksTls = to.length === 0 || to.some(({ url }) => url.protocol === 'https:');
  return {
    to,
    tls: readUpstreamTls(reading, route, path, { isUsed: speaksTls }),
    rewrite: readRewrite(reading, route, path, base),
    hostHeader: readHostHeader(reading, route, path),
    upgrades: upgradesOf(route),
    ...readTimeouts(reading, route, path, defaults),
    rewriteResponseHeaders: readResponseHeaderRewrites(reading, route, path),
    kubernetesToken: readKubernetesToken(reading, route, path),
    forwardedFor: defaults.forwardedFor,
  };
}

function upgradesOf(route: RawRoute): readonly UpgradeProtocol[] {
  return [...(route.allow_websockets ? (['websocket'] as const) : []), ...(route.allow_spdy ? (['spdy/3.1'] as const) : [])];
}

const standardIdleMs = 300_000;

/** Without a word of the route what may go on for hours has no limits: an upgraded connection, and `kubectl logs --follow`. */
function readTimeouts(reading: Reading, route: RawRoute, path: SettingPath, defaults: RouteDefaults): Timeouts {
  const hasToken = route.kubernetes_service_account_token !== undefined || route.kubernetes_service_account_token_file !== undefined;
  const isOpenEnded = route.allow_websockets || route.allow_spdy || hasToken;
  const read = (key: 'timeout' | 'idle_timeout', standard: number): number => {
    const written = route[key] === undefined ? undefined : readDuration(reading, [...path, key], route[key]);
    return written ?? (isOpenEnded ? 0 : standard);
  };
  return { timeoutMs: read('timeout', defaults.timeoutMs), idleTimeoutMs: read('idle_timeout', standardIdleMs) };
}
