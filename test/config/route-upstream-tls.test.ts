import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { issueAuthority } from '../../src/certificate/issue-certificate.ts';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { forwardOf, toldOf } from './given-route.ts';

const to = 'https://127.0.0.1:8443';
let one: Issued;
let two: Issued;

before(async () => {
  const validity = { from: new Date('2026-01-01'), to: new Date('2027-01-01') };
  [one, two] = await Promise.all([issueAuthority({ commonName: 'One', ...validity }), issueAuthority({ commonName: 'Two', ...validity })]);
});

describe('readUpstreamTls()', () => {
  it('reads CAs, certificate and key, from files and in base64', () => {
    const files = { 'ca.pem': `${one.certificatePem}${two.certificatePem}`, 'client.key': one.keyPem };
    const route = {
      to,
      tls_custom_ca_file: 'ca.pem',
      tls_client_cert: Buffer.from(one.certificatePem).toString('base64'),
      tls_client_key_file: 'client.key',
      tls_server_name: 'APP.internal',
    };
    assert.deepEqual(forwardOf(route, { files }).tls, {
      skipVerify: false,
      serverName: 'app.internal',
      ca: { text: files['ca.pem'], label: 'ca.pem', path: ['routes', 0, 'tls_custom_ca_file'] },
      clientCertificate: {
        certificate: { text: one.certificatePem, label: 'routes[0].tls_client_cert', path: ['routes', 0, 'tls_client_cert'] },
        key: { text: one.keyPem, label: 'client.key', path: ['routes', 0, 'tls_client_key_file'] },
      },
    });
  });

  it('takes certificate and key from one file', () => {
    const files = { 'both.pem': `${one.keyPem}${one.certificatePem}` };
    const { tls } = forwardOf({ to, tls_client_cert_file: 'both.pem', tls_client_key_file: 'both.pem' }, { files });
    assert.equal(tls.clientCertificate?.key.text, files['both.pem']);
  });

  it('lets tls_upstream_server_name count before tls_server_name', () => {
    const route = { to, tls_server_name: 'one.internal', tls_upstream_server_name: 'two.internal' };
    assert.deepEqual(
      [forwardOf(route).tls.serverName, toldOf(route)],
      ['two.internal', ['no-effect routes[0].tls_server_name has no effect beside tls_upstream_server_name']],
    );
  });

  it('takes names and addresses as they stand in certificates', () => {
    const names = ['app.internal', '10.0.0.1', '::1', '[::1]', '*.internal', '', 'a b', 'a:443'];
    assert.deepEqual(
      names.filter((name) => toldOf({ to, tls_server_name: name }).length === 0),
      ['app.internal', '10.0.0.1', '::1'],
    );
  });

  it('refuses the key of another certificate', () => {
    assert.deepEqual(toldOf({ to, tls_client_cert: one.certificatePem, tls_client_key: two.keyPem }), [
      'conflicting-keys routes[0].tls_client_key is not the key of the certificate in tls_client_cert: write the pair that belongs together',
    ]);
  });

  it('refuses half a pair, and tells of a half that is broken', () => {
    const told = [
      { tls_client_cert: one.certificatePem },
      { tls_client_key: one.keyPem },
      { tls_client_cert: one.keyPem, tls_client_key: one.certificatePem },
    ];
    assert.deepEqual(
      told.map((route) => toldOf({ to, ...route })),
      [
        ['missing-key routes[0].tls_client_cert means nothing without tls_client_key or tls_client_key_file: write both, or neither'],
        ['missing-key routes[0].tls_client_key means nothing without tls_client_cert or tls_client_cert_file: write both, or neither'],
        [
          'invalid-value routes[0].tls_client_cert does not hold a certificate in PEM',
          'invalid-value routes[0].tls_client_key does not hold a private key in PEM without a passphrase',
        ],
      ],
    );
  });

  it('refuses a bundle of which any certificate is broken', () => {
    const cut = two.certificatePem.replace('-----END CERTIFICATE-----', '');
    const bundles = [
      `${one.certificatePem}${cut}`,
      `${cut}${one.certificatePem}`,
      two.certificatePem.replace(/[A-Za-z0-9]{8}/, 'AAAAAAAA'),
      one.keyPem,
      'bm9uZQ==',
    ];
    assert.deepEqual(
      bundles.map((bundle) => toldOf({ to, tls_custom_ca: bundle })),
      bundles.map(() => ['invalid-value routes[0].tls_custom_ca must hold the certificates of CAs in PEM, and each of them whole']),
    );
  });

  it('warns of what has no effect: CAs that nobody is judged by, and TLS keys where nothing speaks TLS', () => {
    const ca = { tls_skip_verify: true, tls_custom_ca: one.certificatePem };
    assert.deepEqual(
      [
        { to, ...ca },
        { to: ['http://a', 'https://b'], tls_server_name: 'b' },
        { to: 'http://a', ...ca },
      ].map((route) => toldOf(route)),
      [
        ['no-effect routes[0].tls_custom_ca has no effect beside tls_skip_verify'],
        [],
        ['tls_skip_verify', 'tls_custom_ca'].map(
          (key) => `no-effect routes[0].${key} has no effect because no upstream of to begins with https://`,
        ),
      ],
    );
  });
});
