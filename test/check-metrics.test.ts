import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Issued } from '../src/certificate/issue-certificate.ts';
import { issueAuthority, issueServerCertificate } from '../src/certificate/issue-certificate.ts';
import { checkMetrics } from '../src/check-metrics.ts';
import { Secret } from '../src/config/secret.ts';
import type { MetricsSettings, NamedText } from '../src/config/settings.ts';

const at = Date.parse('2026-06-01T00:00:00Z');
const validity = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2100-01-01T00:00:00Z') };
const address = { host: '127.0.0.1', port: 9090 };
const open: MetricsSettings = { address, basicAuth: undefined, certificate: undefined, clientCa: undefined };
const elsewhere = { host: '127.0.0.1', port: 28080 };

function text(pem: string, key: string): NamedText {
  return { text: pem, label: `${key}.pem`, path: [key] };
}

describe('checkMetrics()', () => {
  let ca: Issued;
  let server: Issued;
  before(async () => {
    ca = await issueAuthority({ commonName: 'CA', ...validity });
    server = await issueServerCertificate(ca, { commonName: 'x', dnsNames: ['x'], ...validity });
  });

  it('finds nothing wrong with metrics that are not served, or served to everybody beside the health checks', () => {
    assert.deepEqual(checkMetrics({ metrics: undefined, healthCheckAddress: address }, at), []);
    assert.deepEqual(checkMetrics({ metrics: open, healthCheckAddress: address }, at), []);
  });

  it('does not let them share an address with the health checks when they are protected', () => {
    const problems = checkMetrics({ metrics: { ...open, basicAuth: new Secret('a:b') }, healthCheckAddress: address }, at);
    assert.deepEqual(problems, [
      {
        code: 'conflicting-keys',
        path: ['metrics_address'],
        message:
          'metrics_address is that of health_check_addr, which everybody may ask: write another one, or leave out what protects the metrics',
      },
    ]);
    assert.deepEqual(checkMetrics({ metrics: { ...open, basicAuth: new Secret('a:b') }, healthCheckAddress: elsewhere }, at), []);
  });

  it('proves the certificate and the client CA', () => {
    const certificate = { certificate: text(server.certificatePem, 'cert'), key: text(server.keyPem, 'key') };
    const good = { ...open, certificate, clientCa: text(ca.certificatePem, 'ca') };
    assert.deepEqual(checkMetrics({ metrics: good, healthCheckAddress: elsewhere }, at), []);
    const bad = { ...good, certificate: { ...certificate, key: text(ca.keyPem, 'key') }, clientCa: text('', 'ca') };
    const problems = checkMetrics({ metrics: bad, healthCheckAddress: elsewhere }, at);
    assert.deepEqual(
      problems.map(({ code, path }) => [code, path]),
      [
        ['invalid-server-certificate', ['cert']],
        ['invalid-client-ca', ['ca']],
      ],
    );
  });
});
