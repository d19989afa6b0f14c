import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { writeSarif } from '../../src/cli/write-sarif.ts';
import { writeProblems } from '../../src/config/write-problems.ts';
import { outcomeOf } from '../config/given-settings.ts';

const secret = 'QzXw9-kVb7_LpR2tYh5mNc8d';
const pieces = /QzXw9|kVb7_|LpR2t|mNc8d/;

const text = `
insecure_server: true
idp_provider: oidc
idp_provider_url: https://user:${secret}@idp.example.com
idp_client_secret: ${secret}
shared_secret: ${secret}
cookie_secret: "${secret}"
signing_key: ${secret}
metrics_basic_auth: ${secret}
metrics_certificate_key: ${secret}
idp_request_params: {foo: ${secret}}
databroker_storage_connection_string: postgres://u:${secret}@h/db
routes:
  - from: https://a.example.com
    to: http://u:${secret}@127.0.0.1:99
    set_request_headers:
      Authorization: Bearer ${secret}
      X-Api: ${secret}
    kubernetes_service_account_token: ${secret}
    tls_client_key: ${secret}
`;

/** Problems are shown on terminals, kept by build servers and uploaded as SARIF: whatever slip of the pen they are about, no secret is in them. */
describe('a problem of a configuration with secrets', () => {
  it('does not quote a secret that begins like an alias, an anchor or a tag', () => {
    for (const mark of ['*', '&', '!', '!<', '%', '@', '`', '|', '>', '? ', '- ', '"', "'", '{', '['])
      showNothing(text.replaceAll(secret, `${mark}${secret}`), mark);
    for (const [variable, value] of Object.entries({ IDP_REQUEST_PARAMS: `{a: *${secret}}`, HEADERS: `{a: *${secret}}`, ROUTES: secret })) {
      const environment = { [variable]: value };
      showNothing(text, variable, environment);
    }
  });

  it('does not quote the value of a key that was misspelt beyond recognition, or stands at another level', () => {
    const keys = [...text.matchAll(/^ *([A-Za-z_-]+): .*QzXw9/gm)].map(([, key = '']) => key);
    assert.equal(keys.length, 14);
    for (const key of keys) {
      for (let from = 0; from + 3 <= key.length; from += 1)
        showNothing(text.replaceAll(`${key}:`, `${key.slice(0, from)}${key.slice(from + 3)}:`), `${key} without ${from} to ${from + 3}`);
      for (const indent of ['', '  ', '   ', '    ', '      '])
        showNothing(text.replaceAll(new RegExp(`^ *${key}:`, 'gm'), `${indent}${key}:`), `${indent}${key}`);
    }
  });

  it('does not quote secrets that were written where the name of their file belongs, one or a list of them, in base64 of any kind', () => {
    const secrets = [`${secret}QzXw9kVb7_LpR2tYh5m=`, `/${secret.replaceAll(/[-_]/g, '+')}QzXw9mNc8dLpR2tYh5=`];
    for (const [first = '', second = ''] of [secrets, secrets.toReversed()])
      for (const value of [
        first,
        `"${first}"`,
        `[${first}]`,
        `["${first}", '${second}']`,
        `${first},${second}`,
        `${first} ${second}`,
        `{a: ${first}}`,
        `\n  - ${first}\n  - ${second}`,
        `\n- ${first}\n- ${second}`,
        `\n  a: ${first}`,
        `\n  ${first}`,
        `\n  ? ${first}`,
        `|\n  ${first}\n  ${second}`,
        `&a [${first}, *a]`,
      ])
        for (const key of ['shared_secret_file', 'cookie_secret_file', 'idp_client_secret_file', 'signing_key_file']) {
          showNothing(`routes: []\n${key}: ${value}\n`, `${key}: ${value}`);
          showNothing(`routes: []\n${key}: ${value}\nbroken: [\n`, `${key}: ${value}, broken`);
          showNothing('routes: []', `${key} of the environment: ${value}`, { [key.toUpperCase()]: value });
        }
  });

  it('takes a moment only, and shows nothing, where a line is endless', () => {
    for (const line of [`a: ${'http://a@'.repeat(20_000)}`, `address: "${'http://a@'.repeat(20_000)}"`, `a: @${'//'.repeat(90_000)}`]) {
      const begun = performance.now();
      showNothing(`${line}\nb: [`, line.slice(0, 20));
      showNothing(line, line.slice(0, 20));
      assert.ok(performance.now() - begun < 5_000, line.slice(0, 20));
    }
  });
});

function showNothing(changed: string, what: string, environment: Readonly<Record<string, string>> = {}): void {
  const result = outcomeOf({ text: changed, environment });
  const problems = result.ok ? result.document.warnings : result.problems;
  for (const written of [writeProblems(problems, { colour: false }), JSON.stringify(problems), JSON.stringify(writeSarif(problems, []))])
    assert.doesNotMatch(written, pieces, what);
}
