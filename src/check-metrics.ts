import { readCaBundle } from './certificate/ca-bundle.ts';
import type { Settings } from './config/settings.ts';
import type { OutgoingProblem } from './compile-outgoing.ts';
import { readServerCertificates } from './listener/server-certificates.ts';
import { isGuarded, isSameAddress } from './metrics-guard.ts';

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
