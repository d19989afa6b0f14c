import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linesOf, settingsOf, toldOf } from './given-settings.ts';

const address = 'metrics_address: 127.0.0.1:9090';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('readMetrics()', () => {
  it('serves without TLS and to everybody where nothing else is written', () => {
    assert.deepEqual(settingsOf(linesOf(address)).settings.metrics, {
      address: { host: '127.0.0.1', port: 9090 },
      basicAuth: undefined,
      certificate: undefined,
      clientCa: undefined,
    });
  });

  it('refuses what is no user and password in base64, without quoting it', () => {
    const wrong = ['user:hunter2', base64('hunter2'), base64('user:hunter2\n'), base64('user:hunter2').slice(1)];
    const told = wrong.flatMap((text) => toldOf(address, `metrics_basic_auth: "${text}"`));
    assert.deepEqual([told.length, told.filter((line) => /hunter|aHVudGVy/.test(line))], [wrong.length, []]);
    assert.equal(
      settingsOf(linesOf(address, `metrics_basic_auth: ${base64('user:a:b')}`)).settings.metrics?.basicAuth?.reveal(),
      'user:a:b',
    );
  });

  it('wants the certificate and its key together', () => {
    const pem = '"-----BEGIN"';
    assert.deepEqual(
      [toldOf(address, `metrics_certificate: ${pem}`), toldOf(address, `metrics_certificate_key: ${pem}`)],
      [
        ['error missing-key: The certificate has no private key: write metrics_certificate_key_file as well'],
        ['error missing-key: The private key has no certificate: write metrics_certificate_file as well'],
      ],
    );
  });
});
