import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { runExplain } from '../../src/cli/explain.ts';
import { writeFrozenPki } from './frozen-pki.ts';
import type { Printed, Typed } from './terminal.ts';
import { type } from './terminal.ts';

const folder = join(import.meta.dirname, '../cases/explain');
const caseFile = z.strictObject({
  config: z.string(),
  cases: z.array(z.strictObject({ name: z.string(), ask: z.array(z.string()), expect: z.record(z.string(), z.unknown()) })),
});
/** Many of the prefixes below are open on purpose: they are plain text, and the cases show it. */
const unexpectedWarning = /warning: (?!.* also matches )/;
const certificates = 'certificates: [{cert: server.pem, key: server.key}]\n';

describe('postern explain', () => {
  let directory: string;

  before(async () => {
    directory = await writeFrozenPki();
  });

  after(() => rm(directory, { recursive: true, force: true }));

  /** Asks about a configuration; arguments that name a file of the directory are made to. */
  async function explain(config: string, ask: readonly string[], typed?: Typed): Promise<Printed> {
    await writeFile(join(directory, 'config.yaml'), certificates + config);
    const args = ask.map((word) => (word.endsWith('.pem') ? join(directory, word) : word));
    return type(runExplain, ['--config', join(directory, 'config.yaml'), ...args], typed);
  }

  for (const file of readdirSync(folder)) {
    describe(file.replace('.yaml', '').replaceAll('-', ' '), () => {
      const { config, cases } = caseFile.parse(parse(readFileSync(join(folder, file), 'utf8')));
      for (const { name, ask, expect } of cases) {
        it(name, async () => {
          const { status, out, err } = await explain(config, [...ask, '--json']);
          assert.equal(status, 0, err);
          assert.doesNotMatch(err, unexpectedWarning);
          const answer: unknown = JSON.parse(out);
          assert.deepEqual(partOf(answer, expect), expect);
        });
      }
    });
  }

  const open = 'routes: [{from: https://app.corp.test, to: http://127.0.0.1:9, allow_public_unauthenticated_access: true}]\n';
  const page = ['GET', 'https://app.corp.test/'];

  it('answers with every part, whatever the outcome', async () => {
    const parts = 'route endpoint decision status reasons allow deny certificate upstream reply handshake trace'.split(' ');
    for (const url of ['https://app.corp.test/', 'https://other.corp.test/', 'https://app.corp.test/%2f', 'https://app.corp.test/ping']) {
      const { out } = await explain(open, ['GET', url, '--json']);
      assert.deepEqual(Object.keys(JSON.parse(out) as object), parts);
    }
  });

  it('refuses a command line that it can’t take literally, with status 2 and nothing on stdout', async () => {
    const wrong: readonly (readonly [args: readonly string[], says: RegExp])[] = [
      [[], /takes a method and a URL/],
      [['GET'], /takes a method and a URL/],
      [[...page, 'more'], /takes a method and a URL/],
      [['GET', 'app.corp.test/'], /write the whole URL/],
      [['GET', '//app.corp.test/'], /write the whole URL/],
      [['GET', 'ftp://app.corp.test/'], /write the whole URL/],
      [['GET', 'http://app.corp.test/'], /http:\/\/ is with insecure_server or http_redirect_addr/],
      [['GET /', 'https://app.corp.test/'], /method "GET \/"/],
      [['', 'https://app.corp.test/'], /method ""/],
      [[...page, '--nonsense'], /nonsense/],
      [[...page, '--user'], /user/],
      [[...page, '--json', '--json'], /--json is given twice/],
      [[...page, '--user', 'a', '--user', 'b'], /--user is given twice/],
      [[...page, '--at', '2026-01-01', '--at', '2026-01-01'], /--at is given twice/],
      [[...page, '--groups', 'a'], /add --user or --email/],
      [[...page, '--name', 'A'], /add --user or --email/],
      [[...page, '--claim', 'a=b'], /add --user or --email/],
      [[...page, '--user', 'a', '--claim', 'ab'], /--claim "ab": write name=value/],
      [[...page, '--user', 'a', '--claim', '=b'], /--claim "=b"/],
      [[...page, '--user', 'a', '--claim', 'a:={"b":1}'], /--claim "a:=\{"b":1\}": after := write/],
      [[...page, '--user', 'a', '--claim', 'a:=[[1]]'], /after := write/],
      [[...page, '--user', 'a', '--claim', 'a:=nope'], /after := write/],
      [[...page, '--source-ip', '10.0.0'], /--source-ip "10\.0\.0"/],
      [[...page, '--source-ip', '10.0.0.0/8'], /--source-ip/],
      [[...page, '--source-ip', ''], /--source-ip/],
      [[...page, '--at', 'tomorrow'], /--at "tomorrow": write an ISO 8601 time/],
      [[...page, '--at', '2026-13-01'], /--at/],
      [[...page, '--at', '1780000000'], /--at/],
      [[...page, '--header', 'no colon'], /--header "no colon": write 'Name: value'/],
      [[...page, '--client-cert', 'missing.pem'], /Cannot read certificates from ".*missing\.pem": ENOENT/],
      [[...page, '--client-cert', 'not-a-certificate.pem'], /there is no certificate in it/],
      [[...page, '--client-chain', 'ca-a.pem'], /--client-chain needs --client-cert/],
      [[...page, '--config', 'twice.yaml'], /--config is given twice/],
    ];
    for (const [args, says] of wrong) {
      const { status, out, err } = await explain(open, args);
      assert.deepEqual([status, out], [2, ''], `of ${args.join(' ')}`);
      assert.match(err, says);
      assert.match(err, /See postern help\n$/);
    }
  });

  it('tells the problems of a configuration, and with --json prints them as the one document', async () => {
    const config = 'routes: [{from: https://b.corp.test, to: http://127.0.0.1:9, allow_pubic: true}]\nadress: x\n';
    const text = await explain(config, page);
    assert.deepEqual([text.status, text.out], [1, '']);
    assert.match(text.err, /config\.yaml:2:.*unknown key "allow_pubic"[^]*config\.yaml:3:1 unknown key "adress"/);
    const json = await explain(config, [...page, '--json']);
    const { ok, problems } = JSON.parse(json.out) as { ok: boolean; problems: readonly { line: number; severity: string }[] };
    assert.deepEqual(
      [json.status, ok, problems.map(({ line, severity }) => [line, severity])],
      [
        1,
        false,
        [
          [2, 'error'],
          [3, 'error'],
        ],
      ],
    );
  });

  it('tells warnings on stderr and answers all the same', async () => {
    const { status, out, err } = await explain(open, ['--json', ...page], { environment: { SHARED_SECRET: 'x', ADDRESS: ':8443' } });
    assert.equal(status, 1, 'a bad variable is a bad configuration');
    assert.equal((JSON.parse(out) as { ok: boolean }).ok, false);
    const good = await explain(`address: :443\n${open}`, ['--json', ...page], { environment: { ADDRESS: ':8443' } });
    assert.deepEqual([good.status, (JSON.parse(good.out) as { status: number }).status], [0, 200]);
    assert.match(good.err, /warning: .*ADDRESS/);
    const without = await explain(`address: :443\n${open}`, ['--json', '--no-env', ...page], { environment: { ADDRESS: ':8443' } });
    assert.deepEqual([without.status, without.err, err === ''], [0, '', false]);
  });

  it('judges everything at the time given, the server’s own clock being none of its business', async () => {
    const config =
      'routes: [{from: https://app.corp.test, to: http://127.0.0.1:9, allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: ca-a.pem}]\n';
    const told: unknown[] = [];
    for (const at of ['2025-12-31T23:59:59Z', '2026-01-01', '2026-06-01T12:00', '2027-01-01T01:00:01+01:00']) {
      const { out } = await explain(config, [...page, '--client-cert', 'alice.pem', '--at', at, '--json']);
      const { status, certificate } = JSON.parse(out) as { status: number; certificate: { detail: string | null } };
      told.push([status, certificate.detail]);
    }
    assert.deepEqual(told, [
      [495, 'not-yet-valid'],
      [200, null],
      [200, null],
      [495, 'expired'],
    ]);
  });

  it('never shows a signature or a cookie', async () => {
    const config = `authenticate_service_url: https://auth.corp.test
idp_provider: oidc
idp_provider_url: https://idp.corp.test
idp_client_id: postern
idp_client_secret: hunter2
state_directory: state
routes: [{from: https://app.corp.test, to: http://127.0.0.1:9, allow_any_authenticated_user: true}]\n`;
    for (const format of [['--json'], []]) {
      const { out } = await explain(config, [...page, ...format]);
      assert.match(out, /https:\/\/auth\.corp\.test\/\.pomerium\/sign_in\?/);
      assert.doesNotMatch(out, /hunter2|set-cookie|pomerium_signature=[^…]|pomerium_browser=[^…]/i);
    }
  });

  it('reads well on a narrow and on a wide terminal', async () => {
    const route = 'to: http://127.0.0.1:9, policy: {allow: {and: [{http_method: GET}, {source_ip: 10.0.0.0/8}]}}';
    const config = `routes: [{name: app, from: https://app.corp.test, ${route}}, {from: https://b.corp.test, ${route}}, {from: https://c.corp.test, ${route}}]\n`;
    const narrow = await explain(config, [...page, '--source-ip', '192.0.2.1'], { width: 60 });
    assert.equal(
      narrow.out,
      `DENY 403  source-ip-unauthorized

handshake  accepted  app.corp.test
                     no certificate is asked for
route      matched   app
           lost      2 routes of other hosts
person     nobody
allow and  true      http_method: "GET"
                     http-method-ok, saw GET
           false     source_ip: "10.0.0.0/8"
                     source-ip-unauthorized, saw 192.0.2.1
                     (decides)
`,
    );
    const broad = await explain(config, [...page, '--source-ip', '10.0.0.1'], { width: 140 });
    assert.equal(
      broad.out,
      `ALLOW 200  http-method-ok, source-ip-ok

handshake  accepted  app.corp.test            no certificate is asked for
route      matched   app
           lost      2 routes of other hosts
person     nobody
allow and  true      http_method: "GET"       http-method-ok, saw GET (decides)
           true      source_ip: "10.0.0.0/8"  source-ip-ok, saw 10.0.0.1 (decides)

to http://127.0.0.1:9/
  host: 127.0.0.1:9
  x-forwarded-for: 10.0.0.1
  x-forwarded-proto: https
  x-forwarded-host: app.corp.test
  x-request-id: explain
`,
    );
  });
});

/** As much of a value as another one speaks of: of objects the keys named there, of everything else the whole. */
function partOf(value: unknown, wanted: unknown): unknown {
  if (!isRecord(value) || !isRecord(wanted)) return value;
  return Object.fromEntries(Object.keys(wanted).map((key) => [key, partOf(value[key], wanted[key])]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
