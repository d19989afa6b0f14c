import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { runCheck } from '../../src/cli/check.ts';
import { writeFrozenPki } from '../cli/frozen-pki.ts';
import type { Printed } from '../cli/terminal.ts';
import { type } from '../cli/terminal.ts';

const certificate = 'certificates: [{cert: server.pem, key: server.key}]\n';
const open = 'from: https://a.corp.test, to: http://127.0.0.1:9, allow_public_unauthenticated_access: true';
const signIn = `authenticate_service_url: https://auth.corp.test
idp_provider: oidc
idp_provider_url: https://idp.corp.test
idp_client_id: postern
idp_client_secret: hunter2
state_directory: state
`;
const statements = z.array(
  z.strictObject({
    says: z.string(),
    top: z.string().optional(),
    route: z.string().optional(),
    code: z.string().optional(),
    at: z.string().optional(),
  }),
);

describe('check', () => {
  let directory: string;

  before(async () => {
    directory = await writeFrozenPki();
  });

  after(() => rm(directory, { recursive: true, force: true }));

  async function check(config: string, args: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): Promise<Printed> {
    const file = join(directory, 'config.yaml');
    await writeFile(file, config, { mode: 0o600 });
    return type(runCheck, ['--config', file, ...args], { environment });
  }

  describe('refuses', () => {
    const file = join(import.meta.dirname, '../cases/statements/validation.yaml');
    for (const { says, top = '', route = open, code, at } of statements.parse(parse(readFileSync(file, 'utf8')))) {
      it(says, async () => {
        const isOpen = route.includes('allow_public');
        const access = isOpen ? '' : ', allow_public_unauthenticated_access: true';
        const { status, err } = await check(`${certificate}${top}\nroutes: [{${route}${access}}]\n`);
        assert.equal(status, 1, err);
        const errors = err.split(/\n(?=\S)/).filter((each) => !/^\S+ warning: /.test(each));
        const told = errors.map((each) => {
          const [message = '', excerpt = '', carets = ''] = each.split('\n');
          assert.match(message, /config\.yaml:\d+:\d+ .+ \[[a-z-]+\]$/);
          return { code: /\[([a-z-]+)\]$/.exec(message)?.[1], at: excerpt.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1) };
        });
        assert.ok(
          told.some((each) => (code === undefined || each.code === code) && (at === undefined || each.at === at)),
          err,
        );
      });
    }
  });

  /** The list in the issue, and the code that each of its sentences became. */
  const lints: readonly (readonly [code: string, config: string])[] = [
    ['unreachable-route', `${certificate}routes: [{${open}}, {${open}, path: /x}]`],
    [
      'shorthand-beside-policy',
      `${certificate}${signIn}routes: [{from: https://a.corp.test, to: http://h, allowed_users: [x], policy: {allow: {and: [{user: y}]}}}]`,
    ],
    [
      'public-over-private',
      `${certificate}${signIn}routes: [{${open}}, {from: https://a.corp.test, to: http://h, prefix: /admin/, allow_any_authenticated_user: true}]`,
    ],
    ['open-prefix', `${certificate}routes: [{${open}, prefix: /admin}]`],
    ['matches-nothing', `${certificate}routes: [{${open}, regex: admin/.*}]`],
    [
      'wide-cookie-domain',
      `${certificate}${signIn}cookie_domain: corp.test\nroutes: [{from: https://a.corp.test, to: http://h, allow_any_authenticated_user: true}]`,
    ],
    ['certificate-expires', `${certificate}routes: [{${open}, tls_downstream_client_ca_file: short.pem}]`],
    [
      'colliding-headers',
      `${certificate}pass_identity_headers: true\njwt_claims_headers: {X-A: email}\nroutes: [{${open}, set_request_headers: {x-a: b}}]`,
    ],
    ['readable-secret', `${certificate}idp_client_secret_file: open-secret\nroutes: [{${open}}]`],
    ['unverified-upstream', `${certificate}routes: [{${open.replace('http:', 'https:')}, tls_skip_verify: true}]`],
    ['policy-nobody', `${certificate}routes: [{from: https://a.corp.test, to: http://h, policy: {allow: {and: [{reject: 1}]}}}]`],
    ['policy-everybody', `${certificate}routes: [{from: https://a.corp.test, to: http://h, policy: {allow: {or: [{accept: 1}]}}}]`],
  ];

  describe('warns', () => {
    before(async () => {
      const { issueAuthority } = await import('../../src/certificate/issue-certificate.ts');
      const times = { from: new Date(Date.UTC(2026, 0, 1)), to: new Date(Date.UTC(2026, 5, 20)) };
      await writeFile(join(directory, 'short.pem'), (await issueAuthority({ commonName: 'Short', ...times })).certificatePem);
      await writeFile(join(directory, 'open-secret'), 'hunter2', { mode: 0o644 });
    });

    for (const [code, config] of lints) {
      it(`with ${code}, which --strict makes an error and a comment with a reason silences`, async () => {
        const { status, err } = await check(config);
        assert.equal(status, 0, err);
        assert.match(err, new RegExp(`^\\S*config\\.yaml:\\d+:\\d+ warning: .+ \\[${code}\\]\\n.*\\n +\\^+$`, 'm'));
        assert.equal((await check(config, ['--strict'])).status, 1);
        const silenced = config.split('\n').map((line) => `# postern-ignore: ${code} it is meant so\n${line}`);
        // Not every line has the finding, and a comment that silences nothing is a finding of its own.
        assert.doesNotMatch((await check(silenced.join('\n'))).err, new RegExp(`\\[${code}\\]`));
      });
    }

    it('has an entry in the list of errors for each', () => {
      const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
      assert.deepEqual(
        lints.filter(([code]) => !page.includes(`### ${code}\n`)),
        [],
      );
    });
  });

  it('tells a variable that is misspelt where it could only be ours', async () => {
    const { status, err } = await check(`${certificate}routes: [{${open}}]`, [], { DOWNSTREAM_MTLS_CA_FIEL: 'ca-a.pem' });
    assert.equal(status, 1);
    assert.match(err, /DOWNSTREAM_MTLS_CA_FIEL unknown key "ca_fiel" in downstream_mtls, did you mean "ca_file"\?/);
  });

  it('never shows a secret, whatever is wrong with it or beside it', async () => {
    const secret = 'hunter2secret';
    const configs = [
      `idp_client_secrt: ${secret}`,
      `shared_secret: ${secret}`,
      `idp_client_secret: [${secret}]`,
      `signing_key: ${secret}`,
      `metrics_address: ":9"\nmetrics_basic_auth: ${secret}`,
      `databroker_storage_type: file\ndatabroker_storage_connection_string: postgres://u:${secret}@db/x`,
      `routes: [{${open}, set_request_headers: {"a b": ${secret}}}]`,
      `routes: [{${open.replace('http://', `http://u:${secret}@`)}}]`,
      `routes: [{${open}, kubernetes_service_account_token: "${secret}\\n"}]`,
      `idp_request_params: {client_secret: ${secret}, x: [1]}`,
      `cookie_secret: "${secret}`,
    ];
    for (const config of configs)
      for (const format of ['text', 'json', 'sarif']) {
        const { status, out, err } = await check(`${certificate}${config}\n`, ['--format', format]);
        assert.equal(status, 1, config);
        assert.doesNotMatch(out + err, /hunter2/, config);
      }
  });
});
