import assert from 'node:assert/strict';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runCheck } from '../../src/cli/check.ts';
import { writeFrozenPki } from './frozen-pki.ts';
import type { Printed, Typed } from './terminal.ts';
import { type } from './terminal.ts';

const good = `certificates: [{cert: server.pem, key: server.key}]
routes: [{from: https://app.corp.test, to: http://127.0.0.1:9, allow_public_unauthenticated_access: true}]
`;
const signIn = `authenticate_service_url: https://auth.corp.test
idp_provider: oidc
idp_provider_url: https://idp.corp.test
idp_client_id: postern
idp_client_secret: hunter2
`;

const asksForNothing = {
  host: 'app.corp.test',
  role: 'routes',
  asks: 'no',
  enforcement: '',
  authorities: [],
  revocation: [],
  why: ['no client CA'],
};

interface Document {
  readonly ok: boolean;
  readonly routes: number;
  readonly problems: readonly { readonly severity: string; readonly message: string; readonly line?: number; readonly variable?: string }[];
}

describe('postern check', () => {
  let directory: string;

  before(async () => {
    directory = await writeFrozenPki();
  });

  after(() => rm(directory, { recursive: true, force: true }));

  async function check(config: string, args: readonly string[] = [], typed?: Typed): Promise<Printed> {
    const file = join(directory, 'config.yaml');
    await writeFile(file, config, { mode: 0o600 });
    const { status, out, err } = await type(runCheck, ['--config', file, ...args], typed);
    return { status, out, err: err.replaceAll(`${directory}/`, '') };
  }

  it('says that a good configuration is good, with status 0', async () => {
    assert.deepEqual(await check(good), { status: 0, out: 'The configuration is good: 1 route\n', err: '' });
  });

  it('tells all problems at once, sorted, on stderr, with status 1', async () => {
    const bad = `adress: :443
certificates: [{cert: server.pem, key: server.key}]
routes:
  - {from: https://app.corp.test, to: http://127.0.0.1:9, allow_pubic: true}
  - {from: https://b.corp.test, to: http://127.0.0.1:9, mcp: {}}
  - {from: htp://c.corp.test, to: http://127.0.0.1:9}
idp_qps: 3
`;
    const { status, out, err } = await check(bad);
    assert.deepEqual([status, out], [1, '']);
    const places = [...err.matchAll(/^config\.yaml:(\d+):(\d+) (.*)$/gm)].map(([, line, , message]) => [Number(line), message ?? '']);
    assert.deepEqual(
      places.map(([line]) => line),
      [1, 4, 5, 6, 7],
    );
    assert.match(err, /unknown key "adress", did you mean "address"/);
    assert.match(err, /allow_pubic[^]*mcp.*not supported yet[^]*htp:[^]*idp_qps.*removed/);
    assert.match(err, /^ +\^+$/m, 'with the line and carets');
  });

  it('finds what only building can find', async () => {
    const cases: readonly (readonly [route: string, says: RegExp])[] = [
      [
        'allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: not-a-certificate.pem',
        /config\.yaml:2:\d+ .*not-a-certificate\.pem/,
      ],
      ['allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: alice.pem', /alice\.pem/],
      ['policy: {allow: {and: [{http_metod: GET}]}}', /http_metod/],
      ['regex: "(", allow_public_unauthenticated_access: true', /config\.yaml:2:\d+ .*regex/],
    ];
    for (const [route, says] of cases) {
      const { status, err } = await check(
        `certificates: [{cert: server.pem, key: server.key}]\nroutes: [{from: https://app.corp.test, to: http://127.0.0.1:9, ${route}}]\n`,
      );
      assert.equal(status, 1, route);
      assert.match(err, says);
    }
  });

  it('finds a certificate whose key is another’s', async () => {
    const { status, err } = await check(good.replace('server.pem', 'alice.pem'));
    assert.equal(status, 1);
    assert.match(err, /^config\.yaml:1:/);
  });

  it('warns on stderr and keeps status 0', async () => {
    const none = await check('certificates: [{cert: server.pem, key: server.key}]\n');
    assert.deepEqual([none.status, none.out], [0, 'The configuration is good: 0 routes, 1 warning\n']);
    assert.match(none.err, /warning: No routes are configured/);
    const overridden = await check(`${good}address: :443\n`, [], { environment: { ADDRESS: ':8443' } });
    assert.equal(overridden.status, 0);
    assert.match(overridden.err, /warning: .*ADDRESS/);
    assert.equal((await check(`${good}address: :443\n`, ['--no-env'], { environment: { ADDRESS: ':8443' } })).err, '');
  });

  it('warns that sessions end with the process where nothing keeps them, and only there', async () => {
    const secrets = `shared_secret: ${Buffer.alloc(32, 1).toString('base64')}\ncookie_secret: ${Buffer.alloc(32, 2).toString('base64')}\n`;
    const warning = /^config\.yaml:4:1 warning: Every session ends with the process.*: write state_directory/;
    assert.match((await check(good + signIn)).err, warning);
    assert.match((await check(good + signIn + secrets.split('\n')[0])).err, warning);
    assert.equal((await check(good + signIn + secrets)).err, '');
    assert.equal((await check(`${good}${signIn}state_directory: state\n`)).err, '');
    assert.equal((await check(good)).err, '', 'nobody can sign in');
  });

  it('prints one JSON document with --json, problems in order, and tells them on stderr as well', async () => {
    const bad = await check(`${good}adress: x\nzzz: 1\n`, ['--json']);
    const document = JSON.parse(bad.out) as Document;
    assert.deepEqual(
      [bad.status, document.ok, document.problems.map(({ severity, line }) => [severity, line])],
      [
        1,
        false,
        [
          ['error', 3],
          ['error', 4],
        ],
      ],
    );
    assert.match(bad.err, /unknown key "adress"[^]*unknown key "zzz"/);
    const fine = await check(good, ['--json'], { environment: { ADDRESS: ':8443' } });
    assert.deepEqual([fine.status, JSON.parse(fine.out)], [0, { ok: true, routes: 1, problems: [], ignored: [], hosts: [asksForNothing] }]);
    const broken = JSON.parse((await check('a: [', ['--json'])).out) as Document;
    assert.deepEqual([broken.ok, broken.routes], [false, 0]);
    const variable = await check(good, ['--json'], { environment: { SHARED_SECRET: 'short' } });
    assert.deepEqual(
      (JSON.parse(variable.out) as Document).problems.map((problem) => problem.variable),
      ['SHARED_SECRET'],
    );
  });

  it('never tells a secret', async () => {
    for (const config of [
      `${good}${signIn}idp_client_secret: hunter3\n`,
      `${good}shared_secret: hunter2\n`,
      `${good}signing_key: hunter2\n`,
    ]) {
      const { out, err } = await check(config, ['--json']);
      assert.doesNotMatch(out + err, /hunter/);
    }
  });

  it('reads the environment alone without --config', async () => {
    const { status, out } = await type(runCheck, [], {
      environment: { CERTIFICATE_FILE: join(directory, 'server.pem'), CERTIFICATE_KEY_FILE: join(directory, 'server.key') },
    });
    assert.deepEqual([status, out], [0, 'The configuration is good: 0 routes, 1 warning\n']);
  });

  it('refuses a wrong command line with status 2 and nothing on stdout', async () => {
    const wrong = [['--nonsense'], ['extra'], ['--config'], ['--json=yes'], ['--config', 'a', '--config', 'b'], ['--no-env']];
    for (const args of wrong) {
      const { status, out, err } = await type(runCheck, args);
      assert.deepEqual([status, out], [2, ''], args.join(' '));
      assert.match(err, /\nSee postern help\n$/);
    }
  });

  it('names a file that is not there', async () => {
    const { status, err } = await type(runCheck, ['--config', join(directory, 'missing.yaml')]);
    assert.equal(status, 1);
    assert.match(err, /^Cannot read .*missing\.yaml: there is no such file \[unreadable-configuration\]\n$/);
  });

  it('writes no file', async () => {
    const earlier = await readdir(directory);
    await check(`${good}${signIn}state_directory: state\n`);
    assert.deepEqual(await readdir(directory), [...new Set([...earlier, 'config.yaml'])].toSorted());
  });
});
