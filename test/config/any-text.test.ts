import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { supportedKeys } from '../../src/config/known-keys.ts';
import type { SettingsResult } from '../../src/config/read-settings.ts';
import { variableName } from '../../src/config/read-environment.ts';
import { writeProblems } from '../../src/config/write-problems.ts';
import { outcomeOf } from './given-settings.ts';

const key = fc.constantFrom(
  ...supportedKeys.settings,
  ...supportedKeys.route,
  ...supportedKeys.downstream_mtls,
  '__proto__',
  'constructor',
  '<<',
);
const word = fc.oneof(
  fc.constantFrom('https://a.x', 'http://b', 'oidc', '30s', ':443', '-----BEGIN', '*x', '&x', '!!int', '', '~', 'a.pem'),
  fc.string(),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    word,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 6 }),
  ),
}));

describe('readSettings() on any text', () => {
  it('never throws, and what it tells can be written', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.stringMatching(/^[-:{}[\]"'|>&*!#\n\t a-c]{0,60}$/)),
        (text) => {
          write(outcomeOf({ text }));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('never throws for structures of known keys with any values', () => {
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 8 }), (data) => {
        write(outcomeOf({ text: JSON.stringify(data) }));
      }),
      { numRuns: 400 },
    );
  });

  it('never throws for any environment', () => {
    const variable = fc
      .constantFrom(...supportedKeys.settings, 'downstream_mtls_ca', 'downstream_mtls_max_verify_depth')
      .map((name) => variableName([name]));
    const text = fc.oneof(
      fc.string(),
      value.map((data) => JSON.stringify(data)),
      value.map((data) => Buffer.from(JSON.stringify(data)).toString('base64')),
    );
    fc.assert(
      fc.property(fc.dictionary(variable, text, { maxKeys: 8 }), (environment) => {
        write(outcomeOf({ environment }));
      }),
      { numRuns: 800 },
    );
  });

  it('never shows a secret, however the text around it is broken', () => {
    const positions = [...configuration.matchAll(/[^]/g)].map(({ index }) => index).filter((index) => !isInSecret(index));
    fc.assert(
      fc.property(
        fc.constantFrom(...positions),
        fc.constantFrom('', ' ', '\n', '"', '[', '}', '\t', '#', '- ', '&', '|'),
        (index, inserted) => {
          const text = configuration.slice(0, index) + inserted + configuration.slice(index + 1);
          assert.doesNotMatch(write(outcomeOf({ text })), /S3CRET/);
        },
      ),
      { numRuns: 800 },
    );
  });
});

const configuration = `log_level: info
shared_secret: S3CRET
cookie_secret: "S3CRET"
idp_client_secret: 'S3CRET'
signing_key: |
  -----BEGIN PRIVATE KEY-----
  S3CRET
  -----END PRIVATE KEY-----
certificate_key: >-
    S3CRET
cookie_name: c
routes:
  - from: https://a.corp.example
    to: http://u:S3CRET@127.0.0.1
    set_request_headers: {Authorization: S3CRET}
  - from: https://b.corp.example
    set_request_headers:
      Authorization: "S3CRET"
    to: http://127.0.0.1:8080
`;

function isInSecret(index: number): boolean {
  return configuration.slice(Math.max(0, index - 5), index + 6).includes('S3CRET');
}

function write(result: SettingsResult): string {
  return writeProblems(result.ok ? result.document.warnings : result.problems, { colour: false });
}
