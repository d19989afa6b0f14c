import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Level } from '../../src/config/foreign-keys.ts';
import { removedKeys, unsupportedKeys } from '../../src/config/foreign-keys.ts';
import { refuseKey, supportedKeys } from '../../src/config/known-keys.ts';
import { isSecretKey } from '../../src/config/secret-keys.ts';

const levels: readonly Level[] = ['settings', 'downstream_mtls', 'certificate', 'route'];

describe('the lists of keys', () => {
  it('put no key in two of them, and none twice', () => {
    for (const level of levels) {
      const keys = [...supportedKeys[level], ...unsupportedKeys[level], ...Object.keys(removedKeys[level])];
      assert.deepEqual(
        keys.filter((key, index) => keys.indexOf(key) !== index),
        [],
        level,
      );
    }
  });
});

describe('refuseKey()', () => {
  it('uses the words that scripts look for', () => {
    assert.deepEqual(
      [
        refuseKey(['idp_qps']),
        refuseKey(['routes', 3, 'allow_upgrades']),
        refuseKey(['routes', 3, 'refirect']),
        refuseKey(['certificates', 0, 'ceet']),
        refuseKey(['routes', 3, 'redirect', 'strip_qurey']),
        refuseKey(['routes', 3, 'timeout_read']),
        refuseKey(['certificate_identities', 0, 'allow_upgrades']),
        refuseKey(['pass_client_certificate', 0, 'max_byte']),
      ],
      [
        'idp_qps was removed from Pomerium and means nothing here: leave it out, groups come from the claim groups',
        'routes[3].allow_upgrades is not supported yet',
        'unknown key "refirect" in routes[3], did you mean "redirect"?',
        'unknown key "ceet" in certificates[0], did you mean "cert"?',
        'unknown key "strip_qurey" in routes[3].redirect, did you mean "strip_query"?',
        'unknown key "timeout_read" in routes[3]: it belongs at the top level',
        'unknown key "allow_upgrades" in certificate_identities[0]: it belongs at the top level',
        'unknown key "max_byte" in pass_client_certificate[0], did you mean "max_bytes"?',
      ],
    );
  });

  it('is not taken in by names that every object has', () => {
    for (const key of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) assert.equal(refuseKey([key]), `unknown key "${key}"`);
  });
});

describe('isSecretKey()', () => {
  it('knows secrets of the schema, of later issues, and misspelt ones', () => {
    const secrets = [
      'shared_secret',
      'set_request_headers',
      'certificate_key',
      'tls_client_key',
      'metrics_basic_auth',
      'metrics_certificate_key',
      'idp_request_params',
      'idp_request_parms',
      'databroker_storage_connection_string',
      'databroker_storage_connectoin_string',
      'API-Token',
      'idp_client_secrte',
      'singing_key',
      'cookie_sercet',
    ];
    assert.deepEqual(
      secrets.filter((key) => !isSecretKey(key)),
      [],
    );
  });

  it('leaves names of files and ordinary keys readable', () => {
    const others = [
      'shared_secret_file',
      'certificate_key_file',
      'key',
      'cookie_name',
      'from',
      'certificate',
      'authenticate_service_url',
      'remove_request_headers',
      'set_response_headers',
      'metrics_certificate',
      'metrics_certificate_key_file',
      'databroker_storage_type',
    ];
    assert.deepEqual(
      others.filter((key) => isSecretKey(key)),
      [],
    );
  });
});
