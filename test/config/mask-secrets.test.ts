import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { secretMask } from '../../src/config/mask-secrets.ts';

const whole = { broken: false };

function maskSecrets(lines: readonly string[], state: { readonly broken: boolean }): readonly string[] {
  const mask = secretMask(lines, state);
  return lines.map((_, index) => mask(index));
}

describe('secretMask()', () => {
  it('overwrites values of secret keys, column for column, and nothing else', () => {
    const lines = [
      'cookie_name: session',
      'shared_secret: "a b"   # why',
      'shared_secret_file: secret.txt',
      '{"idp_client_secret":"x1","log_level":"info"}',
      'certificates: [{cert: a.pem, key: a.key}]',
      'routes: # https://user:pw@host',
      '  - to: http://user:pw@host/',
    ];
    assert.deepEqual(maskSecrets(lines, whole), [
      'cookie_name: session',
      'shared_secret: ** **   * ***',
      'shared_secret_file: secret.txt',
      '{"idp_client_secret":************************',
      'certificates: [{cert: a.pem, key: a.key}]',
      'routes: # https://*******@host',
      '  - to: http://*******@host/',
    ]);
  });

  it('follows a value over several lines, also where the indentation is broken', () => {
    const lines = [
      'signing_key: |',
      '  -----BEGIN X-----',
      'MIG',
      '',
      '  text: more',
      'log_level: info',
      '- idp_client_secret: >-',
      '    abc',
      '  to: x',
    ];
    assert.deepEqual(maskSecrets(lines, whole), [
      'signing_key: *',
      '  ********** ******',
      '***',
      '',
      '  ***** ****',
      'log_level: info',
      '- idp_client_secret: **',
      '    ***',
      '  to: x',
    ]);
  });

  it('shows the names of headers and hides their values', () => {
    assert.deepEqual(maskSecrets(['    set_request_headers:', '      Authorization: Basic abc', '    timeout: 3s'], whole), [
      '    set_request_headers:',
      '      Authorization: ***** ***',
      '    timeout: 3s',
    ]);
  });

  it('hides what the keys of metrics, storage and provider hold', () => {
    const lines = [
      'metrics_basic_auth: dXNlcjpodW50ZXIy',
      'metrics_certificate_key: |',
      '  hunter2',
      'databroker_storage_connection_string: "postgres://a:hunter2@db/x"',
      'idp_request_params:',
      '  login_hint: hunter2',
      'metrics_certificate_key_file: metrics.key',
      'set_response_headers: {X-Team: blue, X-Api-Key: hunter2}',
    ];
    assert.deepEqual(maskSecrets(lines, whole), [
      'metrics_basic_auth: ****************',
      'metrics_certificate_key: *',
      '  *******',
      `databroker_storage_connection_string: ${'*'.repeat(27)}`,
      'idp_request_params:',
      '  login_hint: *******',
      'metrics_certificate_key_file: metrics.key',
      'set_response_headers: {X-Team: blue, X-Api-Key: ********',
    ]);
  });

  it('hides private keys wherever they stand, and secrets put under the key of a file', () => {
    const secret = 'NTlhZDE2ZTdkNGM4NDk2ZGJmNGE0ZmIyZjE2ZTU5Y2Q=';
    assert.deepEqual(
      maskSecrets(
        ['note: |', '  -----BEGIN EC PRIVATE KEY-----', '  a: b', '  -----END EC PRIVATE KEY-----', '  c', `cookie_secret_file: ${secret}`],
        whole,
      ),
      [
        'note: |',
        '  ********** ** ******* ********',
        '  ** *',
        '  -----END EC PRIVATE KEY-----'.replace(/\S/g, '*'),
        '  c',
        `cookie_secret_file: ${'*'.repeat(secret.length)}`,
      ],
    );
  });

  it('shows of a text that does not parse the values of known keys only', () => {
    assert.deepEqual(
      maskSecrets(['log_level: info', 'shar"ed_s: abc', 'abc', '  -', '  - from: https://a # x', '    {to: x, autho: abc}'], {
        broken: true,
      }),
      ['log_level: info', 'shar"ed_s: ***', '***', '  -', '  - from: https://a # x', '    {to: x, autho: ****'],
    );
  });

  it('masks a line that lies far within a secret also when it is the only one asked for', () => {
    assert.equal(secretMask(['shared_secret: |', '  abc', '', '  def', 'a: b'], whole)(3), '  ***');
  });
});
