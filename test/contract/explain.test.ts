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

interface Answer {
  readonly route: unknown;
  readonly decision: string;
  readonly status: number;
  readonly reasons: readonly string[];
  readonly allow: unknown;
  readonly deny: unknown;
  readonly certificate: Readonly<Record<string, unknown>>;
  readonly upstream: { readonly url: string; readonly headers: Readonly<Record<string, string>> } | null;
  readonly reply: unknown;
}

const invalid = { presented: true, required: true, valid: false, reason: 'invalid-client-certificate' };
