import assert from 'node:assert/strict';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { runTest } from '../../src/cli/test.ts';
import { writeFrozenPki } from './frozen-pki.ts';
import type { Printed, Typed } from './terminal.ts';
import { frozenAt, type } from './terminal.ts';

const config = `certificates: [{cert: ../server.pem, key: ../server.key}]
authenticate_service_url: https://auth.corp.test
idp_provider: oidc
idp_provider_url: https://idp.corp.test
idp_client_id: postern
idp_client_secret: secret
state_directory: state
pass_identity_headers: true
jwt_claims_headers: [email, groups]
routes:
  - name: app
    from: https://app.corp.test
    to: http://127.0.0.1:9
    policy: [{allow: {or: [{groups: {has: admins}}, {http_path: /open}]}}]
  - name: public
    from: https://public.corp.test
    to: http://127.0.0.1:9
    allow_public_unauthenticated_access: true
`;
const alice = 'people: {alice: {email: alice@corp.test, groups: [admins]}}\n';
const page = '{name: admins see the page, request: {url: https://app.corp.test/, as: alice}, expect: {decision: allow}}';

interface Document {
  readonly ok: boolean;
  readonly cases: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly differences?: readonly Readonly<Record<string, string>>[];
  }[];
  readonly coverage?: { readonly percent: number; readonly gaps: readonly Readonly<Record<string, unknown>>[] };
}

describe('postern test', () => {
  let pki: string;
  let directory: string;

  before(async () => {
    pki = await writeFrozenPki();
    directory = join(pki, 'case');
  });

  after(() => rm(pki, { recursive: true, force: true }));

  beforeEach(async () => {
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory);
  });

  async function test(files: Readonly<Record<string, string>>, args: readonly string[] = [], typed?: Typed): Promise<Printed> {
    for (const [name, text] of Object.entries({ 'config.yaml': config, ...files })) await writeFile(join(directory, name), text);
    const words = args.map((word) => (word.endsWith('.yaml') ? join(directory, word) : word));
    const { status, out, err } = await type(runTest, ['--config', join(directory, 'config.yaml'), ...words], typed);
    return { status, out: out.replaceAll(`${directory}/`, ''), err: err.replaceAll(`${directory}/`, '') };
  }

  async function results(files: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<Document> {
    const { out, err } = await test(files, [...args, '--format', 'json']);
    assert.notEqual(out, '', err);
    return JSON.parse(out) as Document;
  }

  /** What differs in one test: `what: expected, got`. */
  async function differences(request: string, expected: string, beside = ''): Promise<readonly string[]> {
    const { cases } = await results({ 'a.test.yaml': `${alice}${beside}tests: [{name: a, request: ${request}, expect: ${expected}}]\n` });
    return cases.flatMap((one) => (one.differences ?? []).map(({ what, expected: wanted, got }) => `${what}: ${wanted}, ${got}`));
  }

  it('passes with status 0 when everything comes out as expected', async () => {
    const { status, out, err } = await test({ 'config.test.yaml': `${alice}tests: [${page}]\n` });
    assert.deepEqual([status, err], [0, '']);
    assert.equal(out, 'config.test.yaml\n  ✓ admins see the page\n\n1 case: 1 passed, 0 failed, in 0 ms\n');
  });

  it('fails with status 1 as soon as an allow of the tests is turned into a deny', async () => {
    const { status, out } = await test({ 'config.test.yaml': `${alice}tests: [${page.replace('allow', 'deny')}]\n` });
    assert.equal(status, 1);
    assert.match(out, /✗ admins see the page\n {2}config\.test\.yaml:2\n\n {2}decision {2}expected {2}deny\n {12}got {7}allow\n/);
  });

  it('finds the tests in the configuration and in every file beside it whose name ends in .test.yaml', async () => {
    const { cases } = await results({
      'config.yaml': `${config}${alice}tests: [${page}]\n`,
      'b.test.yaml': `tests: [${page.replace('admins', 'all admins')}]\n`,
      'a.test.yml': `tests: [${page}]\n`,
      '.test.yaml': 'no tests',
      'other.yaml': 'no tests',
    });
    assert.deepEqual(
      cases.map(({ name }) => name),
      ['admins see the page', 'admins see the page', 'all admins see the page'],
    );
  });

  it('runs the files that are named and no others, with the people of the configuration', async () => {
    const files = {
      'config.yaml': `${config}${alice}tests: [${page.replace('allow', 'deny')}]\n`,
      'b.test.yaml': 'no tests',
      'named.yaml': `people: {bob: {user: b}}\ntests: [${page}, {name: other, request: {url: https://app.corp.test/, as: bob}, expect: {decision: deny}}]\n`,
    };
    const { ok, cases } = await results(files, ['named.yaml']);
    assert.deepEqual([ok, cases.length], [true, 2]);
  });

  it('says so when there are no tests at all', async () => {
    assert.match((await test({})).err, /^There are no tests: write tests in config\.yaml, or a file NAME\.test\.yaml beside it/);
    const { status, err } = await type(runTest, [], { environment: environmentOf(pki) });
    assert.deepEqual([status, err.includes('There are no tests: name a test file')], [1, true]);
  });

  it('reads the environment as run does, and leaves it out with --no-env', async () => {
    const file = { 'a.test.yaml': 'tests: [{name: a, request: {url: https://app.corp.test/open}, expect: {status: 200}}]\n' };
    const environment = { JWT_CLAIMS_HEADERS: 'nonsense nonsense: [' };
    assert.equal((await test(file, [], { environment })).status, 1);
    assert.equal((await test(file, ['--no-env'], { environment })).status, 0);
    await writeFile(
      join(directory, 'env.yaml'),
      'tests: [{name: a, request: {url: https://app.corp.test/}, expect: {decision: not-found}}]\n',
    );
    assert.equal((await type(runTest, [join(directory, 'env.yaml')], { environment: environmentOf(pki) })).status, 0);
  });

  it('tells the problems of the configuration, in the format that was asked for', async () => {
    const files = {
      'config.yaml': config.replace('to: http', 'too: http'),
      'a.test.yaml': `${alice}tests: [${page}]\n`,
    };
    const people = await test(files);
    assert.deepEqual([people.status, people.out], [1, '']);
    assert.match(people.err, /^config\.yaml:13:5 unknown key "too" in routes\[0\], did you mean "to"\?/m);
    const json = JSON.parse((await test(files, ['--format', 'json'])).out) as { ok: boolean; problems: readonly object[] };
    assert.deepEqual([json.ok, json.problems.length > 0], [false, true]);
    assert.match((await test(files, ['--format', 'tap'])).out, /^TAP version 14\nBail out! \S/);
    assert.match((await test(files, ['--format', 'junit'])).out, /<error message="problems">[^<]*too[^<]*<\/error>/);
  });

  it('runs with --filter the cases whose names hold a text, whatever its case', async () => {
    const files = {
      'a.test.yaml': `${alice}tests: [${page}, {name: Other, request: {url: https://app.corp.test/}, expect: {decision: deny}}]\n`,
    };
    assert.deepEqual(
      (await results(files, ['--filter', 'ADMINS'])).cases.map(({ name }) => name),
      ['admins see the page'],
    );
    const none = await test(files, ['--filter', 'nothing']);
    assert.deepEqual([none.status, none.out, none.err], [1, '', 'No test has "nothing" in its name\n']);
  });

  it('makes a case of each combination of a matrix, named so that they can be told apart', async () => {
    const tests = `tests:
  - name: "\${person} at \${url}"
    for: {person: [alice, nobody], url: [https://app.corp.test/shut, https://public.corp.test/], method: [GET, POST]}
    expect: {decision: allow}
  - for: {path: [a, b]}
    request: {url: "https://public.corp.test/$\${x}/\${path}", headers: {X-Path: "\${path}"}}
    expect: {upstream: "http://127.0.0.1:9/$\${x}/\${path}"}
`;
    const { ok, cases } = await results({ 'a.test.yaml': alice + tests });
    assert.deepEqual(
      [ok, cases.length, cases.map(({ name }) => name).filter((_, index) => [0, 1, 7, 8, 9].includes(index))],
      [
        false,
        10,
        [
          'alice at https://app.corp.test/shut (method GET)',
          'alice at https://app.corp.test/shut (method POST)',
          'nobody at https://public.corp.test/ (method POST)',
          'GET https://public.corp.test/${x}/a (path a)',
          'GET https://public.corp.test/${x}/b (path b)',
        ],
      ],
    );
    assert.deepEqual(
      cases.filter((one) => !one.ok).map(({ name }) => name),
      cases.filter(({ name }) => /nobody at https:\/\/app/.test(name)).map(({ name }) => name),
    );
  });

  it('compares every part of the answer', async () => {
    const admin = '{url: https://app.corp.test/x?y=1, as: alice}';
    const good = `{decision: allow, status: 200, route: app, reasons: groups-ok, upstream: http://127.0.0.1:9/x?y=1, certificate: not-judged, handshake: accepted,
      headers: {X-Pomerium-Claim-Email: alice@corp.test, x-pomerium-jwt-assertion: true, host: {starts_with: '127.', ends_with: ':9'}}, not_headers: [cookie, x-debug]}`;
    assert.deepEqual(await differences(admin, good), []);
    assert.deepEqual(
      await differences(
        admin,
        '{route: none, reasons: [], upstream: null, not_headers: [Host], headers: {x-no: true, host: {contains: z}}}',
      ),
      [
        'route: none, app',
        'reasons: none, groups-ok',
        'upstream: none, http://127.0.0.1:9/x?y=1',
        'header host: absent, present',
        'header x-no: present, absent',
        'header host: contains z, 127.0.0.1:9',
      ],
    );
    const stranger = '{url: https://app.corp.test/x, headers: {Accept: text/html}}';
    const signIn =
      '{decision: sign-in, status: 302, location: {starts_with: https://auth.corp.test/}, route: https://app.corp.test, upstream: none, endpoint: null}';
    assert.deepEqual(await differences(stranger, signIn), []);
    assert.deepEqual(await differences('{url: https://app.corp.test/ping}', '{decision: own, endpoint: /ping, route: null}'), []);
    assert.deepEqual(
      await differences('{url: https://app.corp.test/%2f}', '{decision: bad-request, reasons: [path-escaped-slash], body: x}'),
      ['body: x, none'],
    );
  });

  it('shows no token of Kubernetes', async () => {
    const kubernetes = config.replace('policy: [', 'kubernetes_service_account_token: hunter-token\n    policy: [');
    const tests =
      'tests: [{name: a, request: {url: https://app.corp.test/, as: alice}, expect: {headers: {authorization: Bearer guess}}}]\n';
    const { out } = await test({ 'config.yaml': kubernetes, 'a.test.yaml': alice + tests });
    assert.match(out, /expected {2}Bearer guess\n +got {7}\(secret\)\n/);
    assert.doesNotMatch(out, /hunter/);
  });

  it('refuses a made-up certificate where the configuration names no CA', async () => {
    for (const certificate of ['{ca: x.pem}', '{subject: x}']) {
      const tests = `tests: [{name: a, request: {url: https://app.corp.test/, certificate: ${certificate}}, expect: {status: 200}}]\n`;
      assert.match(
        (await test({ 'a.test.yaml': tests })).err,
        /the configuration names no client CA, so only self_signed: true is possible/,
      );
    }
  });

  it('reads people as the provider would describe them', async () => {
    const people = `people:
  alice: {user: u-1, email: alice@corp.test, name: Alice, groups: staff, claims: {groups: [admins], org: {unit: [a, b]}}}
`;
    const tests =
      'tests: [{name: a, request: {url: https://app.corp.test/, as: alice}, expect: {headers: {x-pomerium-claim-groups: "admins,staff"}}}]\n';
    assert.equal((await test({ 'a.test.yaml': people + tests })).status, 0);
  });

  it('takes the time of a test for everything, and the present where there is none', async () => {
    const files = (at: string): Readonly<Record<string, string>> => ({
      'config.yaml': policy(Date.UTC(2031, 1, 1)),
      'a.test.yaml': `tests: [{name: a, request: {url: https://app.corp.test/${at}}, expect: {reasons: [date-ok]}}]\n`,
    });
    assert.equal((await test(files(', at: 2031-02-01T01:00+01:00'))).status, 0);
    assert.equal((await test(files(', at: 2031-02-01'))).status, 0);
    assert.equal((await test(files(''))).status, 1);
    assert.equal((await test({ ...files(''), 'config.yaml': policy(frozenAt) })).status, 0);
  });

  it('tells how much of routes and rules was covered, and where the rest is', async () => {
    const { coverage } = await results({ 'a.test.yaml': `${alice}tests: [${page}]\n` }, ['--coverage']);
    const place = { file: 'config.yaml' };
    assert.deepEqual(coverage, {
      percent: 50,
      routes: { covered: 1, all: 2 },
      rules: { covered: 1, all: 2 },
      criteria: { covered: 2, all: 4 },
      gaps: [
        { kind: 'criterion', route: 'app', subject: 'allow groups {"has":"admins"}', missing: 'never false', ...place, line: 14 },
        { kind: 'criterion', route: 'app', subject: 'allow http_path "/open"', missing: 'never true', ...place, line: 14 },
        { kind: 'route', route: 'public', subject: '', missing: 'never reached', ...place, line: 15 },
        { kind: 'rule', route: 'public', subject: 'allow_public_unauthenticated_access', missing: 'never held', ...place, line: 18 },
      ],
    });
  });

  it('covers everything when every outcome was seen', async () => {
    const more = `{for: {url: [https://app.corp.test/, https://app.corp.test/open, https://public.corp.test/], person: [alice, bob]}, expect: {handshake: accepted}}`;
    const files = { 'a.test.yaml': `${alice.replace('{alice', '{bob: {user: b}, alice')}tests: [${more}]\n` };
    assert.deepEqual((await results(files, ['--coverage'])).coverage?.gaps, []);
    const { status, out } = await test(files, ['--min-coverage', '100']);
    assert.deepEqual([status, /^Coverage 100 %$/m.test(out)], [0, true]);
  });

  it('fails below --min-coverage although every case passed', async () => {
    const { status, err, out } = await test({ 'a.test.yaml': `${alice}tests: [${page}]\n` }, ['--min-coverage', '90']);
    assert.deepEqual([status, err], [1, 'Coverage is 50 %, and --min-coverage asks for 90 %\n']);
    assert.match(out, /1 passed, 0 failed/);
  });

  it('refuses a wrong command line with status 2 and nothing on stdout', async () => {
    const wrong = [
      ['--format', 'xml'],
      ['--min-coverage', '101'],
      ['--min-coverage', 'x'],
      ['--nonsense'],
      ['--filter'],
      ['--filter', 'a', '--filter', 'b'],
    ];
    for (const args of wrong) {
      const { status, out, err } = await test({}, args);
      assert.deepEqual([status, out], [2, ''], args.join(' '));
      assert.match(err, /\nSee postern help\n$/);
    }
    assert.equal((await type(runTest, ['--no-env'])).status, 2);
  });

  it('writes no file', async () => {
    const files = { 'a.test.yaml': `${alice}tests: [${page}]\n` };
    await test(files);
    assert.deepEqual((await readdir(directory)).toSorted(), ['a.test.yaml', 'config.yaml']);
  });

  it('asks a thousand questions in less than a second', async () => {
    const many = Array.from({ length: 250 }, (_, index) => `https://app.corp.test/${index}?page=${index}`).join(', ');
    const tests = `tests: [{name: many, for: {person: [alice, nobody], url: [${many}], method: [GET, POST]}, request: {}, expect: {handshake: accepted}}]\n`;
    const started = process.cpuUsage();
    const { status, out } = await test({ 'a.test.yaml': alice + tests });
    const { user, system } = process.cpuUsage(started);
    assert.deepEqual([status, /1000 cases: 1000 passed/.test(out)], [0, true]);
    // Of its own time: what else the machine does is not its doing.
    assert.ok(user + system < 1_000_000, `${(user + system) / 1000} ms`);
  });
});

function environmentOf(pki: string): Readonly<Record<string, string>> {
  return { CERTIFICATE_FILE: join(pki, 'server.pem'), CERTIFICATE_KEY_FILE: join(pki, 'server.key') };
}

/** The configuration with a policy that holds for two seconds. */
function policy(at: number): string {
  const [from, to] = [at - 1000, at + 1000].map((time) => new Date(time).toISOString());
  return config.replace('{http_path: /open}', `{date: {after: ${from}, before: ${to}}}`);
}
