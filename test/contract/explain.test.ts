import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runCheck } from '../../src/cli/check.ts';
import { runExplain } from '../../src/cli/explain.ts';
import { writeFrozenPki } from '../cli/frozen-pki.ts';
import { type } from '../cli/terminal.ts';

const signIn = `authenticate_service_url: https://auth.corp.test
idp_provider: oidc
idp_provider_url: https://idp.corp.test
idp_client_id: postern
idp_client_secret: hunter2
state_directory: state
`;
const config = `certificates: [{cert: server.pem, key: server.key}]
${signIn}pass_identity_headers: true
jwt_claims_headers: {X-Name: name}
routes:
  - {from: https://cert.corp.test, to: http://127.0.0.1:9, allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: ca-a.pem}
  - {from: https://open.corp.test, to: http://127.0.0.1:9, allow_public_unauthenticated_access: true}
  - {from: https://desk.corp.test, to: http://127.0.0.1:9, allow_any_authenticated_user: true}
  - {from: https://shut.corp.test, to: http://127.0.0.1:9}
`;

/** Sentences of contract sections 2 and 3.2 that the golden cases of `explain` do not spell out. */
describe('what explain answers', () => {
  let directory: string;

  before(async () => {
    directory = await writeFrozenPki();
    await writeFile(join(directory, 'config.yaml'), config);
  });

  after(() => rm(directory, { recursive: true, force: true }));

  async function explain(...ask: readonly string[]): Promise<Answer> {
    const args = ask.map((word) => (word.endsWith('.pem') ? join(directory, word) : word));
    const { status, out, err } = await type(runExplain, ['--config', join(directory, 'config.yaml'), '--json', ...args]);
    assert.equal(status, 0, err);
    return JSON.parse(out) as Answer;
  }

  it('tells both sides of the policy wherever there is a route, also of a misdirected request', async () => {
    const { decision, reasons, allow, deny } = await explain('GET', 'https://cert.corp.test/', '--sni', 'open.corp.test');
    assert.deepEqual(
      { decision, reasons, allow, deny },
      {
        decision: 'misdirected',
        reasons: [],
        allow: { result: true, reasons: ['accept'] },
        deny: { result: true, reasons: ['client-certificate-required'] },
      },
    );
    const nowhere = await explain('GET', 'https://nowhere.test/');
    assert.deepEqual([nowhere.route, nowhere.allow, nowhere.deny], [null, null, null]);
  });

  it('finds the same things wrong with a configuration as check, whatever the time it is asked about', async () => {
    const file = join(directory, 'config.yaml');
    assert.equal((await type(runCheck, ['--config', file])).status, 0);
    // Long after the authority itself: a server that still runs then has loaded it long before.
    const late = await explain('GET', 'https://cert.corp.test/', '--client-cert', 'alice.pem', '--at', '2099-01-01T00:00:00Z');
    assert.deepEqual([late.status, late.certificate], [495, { ...invalid, detail: 'expired' }]);
    const early = await explain('GET', 'https://cert.corp.test/', '--client-cert', 'alice.pem', '--at', '1999-12-31');
    assert.deepEqual([early.status, early.certificate], [495, { ...invalid, detail: 'not-yet-valid' }]);
  });

  it('takes no day for another', async () => {
    for (const at of ['2026-02-30', '2025-02-29T12:00:00Z', '2026-00-01', '2026-01-01T25:00:00Z']) {
      const { status, err } = await type(runExplain, ['GET', 'https://open.corp.test/', '--at', at]);
      assert.deepEqual([status, err.includes(`Cannot read --at "${at}"`)], [2, true], at);
    }
    assert.equal((await explain('GET', 'https://open.corp.test/', '--at', '2024-02-29')).status, 200);
  });

  it('shows what is sent as text, not as the bytes of it', async () => {
    const asked = ['GET', 'https://desk.corp.test/?q=ż', '--user', 'zoe', '--name', 'Zoë Ω', '--header', 'X-Note: é'];
    const { upstream } = await explain(...asked);
    assert.deepEqual([upstream?.url, upstream?.headers['x-note'], upstream?.headers['x-name']], ['http://127.0.0.1:9/?q=ż', 'é', 'Zoë Ω']);
  });

  it('asks a listener without TLS where the URL says so, and only where there is one (2.1)', async () => {
    const file = join(directory, 'plain.yaml');
    const about = async (keys: string, ...ask: readonly string[]): Promise<readonly unknown[]> => {
      await writeFile(file, `certificates: [{cert: server.pem, key: server.key}]\n${keys}${plainRoutes}`);
      const { status, out, err } = await type(runExplain, ['--config', file, '--json', ...ask]);
      if (status !== 0) return [status, /https:\/\/ is served/.test(err)];
      const { decision, status: answered, reasons, route, reply, upstream } = JSON.parse(out) as Answer;
      return [decision, answered, ...reasons, route === null ? null : upstream?.headers['x-forwarded-proto'], reply?.headers['location']];
    };
    const plain = 'insecure_server: true\n';
    const redirecting = 'http_redirect_addr: :80\n';
    const told = [
      await about('', 'GET', 'http://open.corp.test/'),
      await about(plain, 'GET', 'http://open.corp.test/'),
      await about(plain, 'GET', 'http://other.corp.test/'),
      // Nobody presents a certificate without TLS: a route that needs one is never served there.
      await about(plain, 'GET', 'http://cert.corp.test/', '--client-cert', join(directory, 'alice.pem')),
      await about(redirecting, 'POST', 'http://OPEN.corp.test:80/a/../b//c?d', '--header', 'X-A: b'),
      await about(redirecting, 'GET', 'http://other.corp.test/'),
      await about(redirecting, 'GET', 'http://me@open.corp.test/'),
      await about(redirecting, 'GET', 'http://open.corp.test/a%00'),
      await about(redirecting, 'GET', 'https://open.corp.test/'),
    ];
    assert.deepEqual(told, [
      [2, true],
      ['allow', 200, 'accept', 'http', undefined],
      ['not-found', 404, 'route-not-found', null, undefined],
      ['misdirected', 421, undefined, undefined],
      ['own', 301, 'https-required', null, 'https://open.corp.test/a/../b//c?d'],
      ['own', 301, 'https-required', null, 'https://other.corp.test/'],
      ['bad-request', 400, 'host-invalid', null, undefined],
      ['bad-request', 400, 'path-invalid', null, undefined],
      ['allow', 200, 'accept', 'https', undefined],
    ]);
  });

  it('shows the answer of a route that leads nowhere, with a status of its own, and only to those who are allowed (2.4)', async () => {
    const file = join(directory, 'answers.yaml');
    await writeFile(file, `certificates: [{cert: server.pem, key: server.key}]\n${signIn}${answeringRoutes}`);
    const told: unknown[] = [];
    for (const ask of [
      ['https://moved.corp.test:8443/old/a%20b?c'],
      ['https://moved.corp.test/other?c'],
      ['https://text.corp.test/'],
      ['https://guarded.corp.test/', '--email', 'alice@corp.test'],
      ['https://guarded.corp.test/', '--email', 'alice@other.test'],
      ['https://guarded.corp.test/', '--header', 'Accept: application/json'],
    ]) {
      const { status, out, err } = await type(runExplain, ['--config', file, '--json', 'GET', ...ask]);
      assert.equal(status, 0, err);
      const { decision, status: answered, reply, upstream } = JSON.parse(out) as Answer;
      told.push([decision, answered, upstream, reply?.headers['location'] ?? reply?.body ?? null]);
    }
    assert.deepEqual(told, [
      ['allow', 308, null, 'https://new.corp.test/new/a%20b?c'],
      ['allow', 302, null, 'http://moved.corp.test:8080/there'],
      ['allow', 503, null, 'closed for today'],
      ['allow', 301, null, 'https://new.corp.test/'],
      ['deny', 403, null, null],
      ['sign-in', 401, null, null],
    ]);
  });

  it('tells a gRPC client’s request the status that its gRPC status stands for', async () => {
    const told: unknown[] = [];
    for (const host of ['desk', 'shut', 'cert', 'nowhere']) {
      const answer = await explain('POST', `https://${host}.corp.test/`, '--header', 'Content-Type: application/grpc');
      told.push([answer.decision, answer.status, answer.reply]);
    }
    assert.deepEqual(told, [
      ['sign-in', 401, null],
      ['deny', 403, null],
      ['deny', 495, null],
      ['not-found', 404, null],
    ]);
  });
});

const plainRoutes = `routes:
  - {from: https://open.corp.test, to: http://127.0.0.1:9, allow_public_unauthenticated_access: true}
  - {from: https://cert.corp.test, to: http://127.0.0.1:9, allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: ca-a.pem}
`;

const answeringRoutes = `routes:
  - {from: https://moved.corp.test, prefix: /old/, allow_public_unauthenticated_access: true, redirect: {host_redirect: new.corp.test, prefix_rewrite: /new/, response_code: 308}}
  - {from: https://moved.corp.test, allow_public_unauthenticated_access: true, redirect: {scheme_redirect: http, port_redirect: 8080, path_redirect: /there, response_code: 302, strip_query: true}}
  - {from: https://text.corp.test, allow_public_unauthenticated_access: true, response: {status: 503, body: closed for today}}
  - {from: https://guarded.corp.test, allowed_domains: [corp.test], redirect: {host_redirect: new.corp.test}}
`;

interface Answer {
  readonly route: unknown;
  readonly decision: string;
  readonly status: number;
  readonly reasons: readonly string[];
  readonly allow: unknown;
  readonly deny: unknown;
  readonly certificate: Readonly<Record<string, unknown>>;
  readonly upstream: { readonly url: string; readonly headers: Readonly<Record<string, string>> } | null;
  readonly reply: { readonly headers: Readonly<Record<string, string>>; readonly body: string } | null;
}

const invalid = { presented: true, required: true, valid: false, reason: 'invalid-client-certificate' };
