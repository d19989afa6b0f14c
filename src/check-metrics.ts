import { readCaBundle } from './certificate/ca-bundle.ts';
import type { MetricsSettings, Settings, SocketAddress } from './config/settings.ts';
import type { OutgoingProblem } from './compile-outgoing.ts';
import { readServerCertificates } from './listener/server-certificates.ts';

/** What is wrong with how metrics are to be served, before anything is opened. `at` in milliseconds since 1970. */
export function checkMetrics(
  { metrics, healthCheckAddress }: Pick<Settings, 'metrics' | 'healthCheckAddress'>,
  at: number,
): readonly OutgoingProblem[] {
  if (metrics === undefined) return [];
  const { certificate, clientCa } = metrics;
  const problems: OutgoingProblem[] = [];
  if (certificate !== undefined) {
    const { certificate: chain, key } = certificate;
    const read = readServerCertificates([{ certificatePem: chain.text, keyPem: key.text, label: chain.label }]);
    if (!read.ok) {
      for (const { message } of read.problems) problems.push({ code: 'invalid-server-certificate', path: chain.path, message });
    }
  }
  if (clientCa !== undefined) {
    const read = readCaBundle(clientCa, at);
    if (!read.ok) problems.push({ code: 'invalid-client-ca', path: clientCa.path, message: read.message });
  }
  if (isGuarded(metrics) && isSameAddress(metrics.address, healthCheckAddress)) {
    const message =
      'metrics_address is that of health_check_addr, which everybody may ask: write another one, or leave out what protects the metrics';
    problems.push({ code: 'conflicting-keys', path: ['metrics_address'], message });
  }
  return problems;
}

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
