import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { checkHeaderNames } from '../src/check-header-names.ts';
import { readSettings } from '../src/config/read-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-header-names-'));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'ca.pem'), 'text');

function problemsOf(top: string, routes: readonly string[]): ReturnType<typeof checkHeaderNames> {
  const file = join(folder, 'config.yaml');
  const text = `insecure_server: true
accept_client_certificate: {dialect: xfcc, from: [10.0.0.5]}
downstream_mtls: {ca_file: ca.pem}
${top}
routes:
${routes.map((route) => `  - {from: 'https://a.corp.example', allow_public_unauthenticated_access: true, ${route}}\n`).join('')}`;
  writeFileSync(file, text);
  const read = readSettings({ file, environment: undefined });
  assert.ok(read.ok, JSON.stringify(read));
  const { settings, locate } = read.document;
  return checkHeaderNames(settings, locate).map((problem) => ({ ...problem, message: problem.message.replace(`${folder}/`, '') }));
}

const to = "to: 'http://127.0.0.1:1'";

describe('checkHeaderNames()', () => {
  it('refuses to set or remove a header that a dialect of the route writes, however it is spelt, and names both places', () => {
    assert.deepEqual(
      problemsOf('pass_client_certificate: [nginx]', [
        `${to}, set_request_headers: {SSL_Client_Verify: NONE}`,
        `${to}, pass_client_certificate: [xfcc], set_request_headers: {X-SSL-Client-DN: x}, remove_request_headers: [a, x_forwarded_client_cert]`,
      ]),
      [
        {
          path: ['routes', 0, 'set_request_headers', 'SSL_Client_Verify'],
          part: 'key',
          message:
            'routes[0].set_request_headers.SSL_Client_Verify is a header of nginx in pass_client_certificate (config.yaml:4): where there is no certificate the upstream would believe what stands here; remove it, or that dialect',
        },
        {
          path: ['routes', 1, 'remove_request_headers'],
          message:
            'routes[1].remove_request_headers "x_forwarded_client_cert" is a header of xfcc in routes[1].pass_client_certificate (config.yaml:7), which sends it all the same; what visitors send under that name is removed always: remove it here, or that dialect',
        },
      ],
    );
  });

  it('refuses a claim under such a name once, where some route sends claims', () => {
    const claims = 'pass_client_certificate: [x_client]\njwt_claims_headers: {X-Client-DN: sub, X-Mail: email}';
    assert.deepEqual(problemsOf(`${claims}\npass_identity_headers: true`, [to, `${to}, prefix: /b/`]), [
      {
        path: ['jwt_claims_headers', 'X-Client-DN'],
        part: 'key',
        message:
          'jwt_claims_headers.X-Client-DN is a header of x_client in pass_client_certificate (config.yaml:4): where there is no certificate the upstream would believe the claim; write another header, or remove that dialect',
      },
    ]);
    assert.deepEqual(problemsOf(claims, [to]), []);
  });

  it('lets through other names, other routes, and routes without an upstream', () => {
    assert.deepEqual(
      problemsOf('pass_client_certificate: [nginx]', [
        `${to}, set_request_headers: {X-SSL-Client-Verify: NONE}`,
        `${to}, prefix: /b/, pass_client_certificate: [], set_request_headers: {ssl-client-verify: NONE}`,
        `prefix: /c/, response: {status: 200}`,
      ]),
      [],
    );
  });
});
