import type { MetricsSettings, SocketAddress } from './config/settings.ts';

/** Whether not everybody may read the metrics, so that they can't share a server with what everybody may. */
export function isGuarded({ basicAuth, certificate, clientCa }: MetricsSettings): boolean {
  return basicAuth !== undefined || certificate !== undefined || clientCa !== undefined;
}

/** Whether one server can serve both, with other secrets and certificates at most. */
export function isGuardedAlike(before: MetricsSettings, after: MetricsSettings): boolean {
  return guardsOf(before).join() === guardsOf(after).join();
}

function guardsOf({ basicAuth, certificate, clientCa }: MetricsSettings): readonly boolean[] {
  return [basicAuth, certificate, clientCa].map((part) => part !== undefined);
}

/** Port 0 is another one for each who asks. */
export function isSameAddress(a: SocketAddress, b: SocketAddress): boolean {
  return a.host === b.host && a.port === b.port && a.port !== 0;
}
