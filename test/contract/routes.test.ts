import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runCheck } from '../../src/cli/check.ts';
import { runExplain } from '../../src/cli/explain.ts';
import { writeFrozenPki } from '../cli/frozen-pki.ts';
import type { Printed } from '../cli/terminal.ts';
import { type } from '../cli/terminal.ts';

interface Answer {
  readonly route: { readonly name: string } | null;
  readonly decision: string;
  readonly status: number;
  readonly reasons: readonly string[];
  readonly upstream: { readonly url: string; readonly headers: Readonly<Record<string, string>> } | null;
  readonly reply: { readonly headers: Readonly<Record<string, string>> } | null;
}

const open = 'allow_public_unauthenticated_access: true';
const to = 'to: http://127.0.0.1:9';

/** A public route that is named after its `from` and whatever else is said of it. */
function route(host: string, keys = ''): string {
  return `  - {name: "${host} ${keys}", from: "https://${host}", ${to}, ${open}${keys === '' ? '' : `, ${keys}`}}\n`;
}

/** How routes are found, tried through `explain` and `check`. */
describe('hosts, paths and routes', () => {
  let directory: string;
  let file: string;

  before(async () => {
    directory = await writeFrozenPki();
    file = join(directory, 'config.yaml');
  });

  after(() => rm(directory, { recursive: true, force: true }));

  async function write(routes: string, keys = ''): Promise<void> {
    await writeFile(file, `certificates: [{cert: server.pem, key: server.key}]\n${keys}routes:\n${routes}`);
  }

  async function explain(url: string, ...more: readonly string[]): Promise<Answer> {
    const { status, out, err } = await type(runExplain, ['--config', file, '--json', 'GET', url, ...more]);
    assert.equal(status, 0, err);
    return JSON.parse(out) as Answer;
  }

  /** The names of the routes that serve these addresses; of what nobody serves the status. */
  async function served(urls: readonly string[]): Promise<readonly (string | number)[]> {
    const answers: (string | number)[] = [];
    for (const url of urls) {
      const { route: found, status } = await explain(`https://${url}`);
      answers.push(found === null ? status : found.name.trim());
    }
    return answers;
  }

  async function check(): Promise<Printed> {
    return type(runCheck, ['--config', file]);
  }

  async function warningsOf(matcher: string): Promise<readonly string[]> {
    await write(route('a.corp.test', matcher));
    const { status, err } = await check();
    assert.equal(status, 0, err);
    return err.split('\n').flatMap((line) => / warning: (.*)/.exec(line)?.[1] ?? []);
  }

  it('warn of a prefix that does not end at a segment, and of no other matcher (4.1)', async () => {
    assert.deepEqual(await warningsOf('prefix: /admin'), [
      'routes[0].prefix "/admin" also matches "/adminx": end it with a slash if only what is below it is meant [open-prefix]',
    ]);
    for (const matcher of ['prefix: /', 'prefix: /admin/', 'path: /admin', 'regex: /admin.*'])
      assert.deepEqual(await warningsOf(matcher), [], matcher);
  });

  it('let a wildcard cross dots, stand for nothing and stand anywhere, but not for the dot beside it (4.1)', async () => {
    await write(route('*.w.corp.test') + route('*-foo.corp.test') + route('ap*p.corp.test') + route('*.x.*.test'));
    assert.deepEqual(await served(['a.w.corp.test', 'a.b.w.corp.test', 'w.corp.test', 'aw.corp.test']), [
      '*.w.corp.test',
      '*.w.corp.test',
      404,
      404,
    ]);
    assert.deepEqual(await served(['a-foo.corp.test', 'a.b-foo.corp.test', 'app.corp.test', 'ap.x.p.corp.test', 'a.x.b.c.test']), [
      '*-foo.corp.test',
      '*-foo.corp.test',
      'ap*p.corp.test',
      'ap*p.corp.test',
      '*.x.*.test',
    ]);
  });

  it('give a host to those that name it, also where none of their paths fits (4.1)', async () => {
    await write(route('*.corp.test') + route('a.corp.test', 'prefix: /x') + route('a.corp.test', 'path: /x/y'));
    assert.deepEqual(await served(['a.corp.test/x/y', 'A.CORP.test./xyz', 'a.corp.test/y', 'b.corp.test/y']), [
      'a.corp.test prefix: /x',
      'a.corp.test prefix: /x',
      404,
      '*.corp.test',
    ]);
  });

  it('serve every port, 443 like none, and prefer another that is named, without a way back (4.1)', async () => {
    await write(route('a.corp.test:443') + route('a.corp.test:8443', 'prefix: /x') + route('[::1]:8443') + route('[::1]'));
    assert.deepEqual(
      await served(['a.corp.test/y', 'a.corp.test:443/y', 'a.corp.test:9443/y', 'a.corp.test:8443/x', 'a.corp.test:8443/y']),
      ['a.corp.test:443', 'a.corp.test:443', 'a.corp.test:443', 'a.corp.test:8443 prefix: /x', 404],
    );
    assert.deepEqual(await served(['[::1]', '[0::1]:8443', '[::0:1]:443', '[::2]']), ['[::1]', '[::1]:8443', '[::1]', 404]);
  });

  it('leave a host that is named with a port alone to the wildcards on every other port, certificates included (4.1)', async () => {
    await write(route('a.corp.test:8443') + route('*.corp.test', 'tls_downstream_client_ca_file: ca-a.pem'));
    assert.deepEqual(await served(['a.corp.test:8443/', 'a.corp.test/', 'a.corp.test:9443/']), [
      'a.corp.test:8443',
      '*.corp.test tls_downstream_client_ca_file: ca-a.pem',
      '*.corp.test tls_downstream_client_ca_file: ca-a.pem',
    ]);
    const certificate = ['--client-cert', join(directory, 'alice.pem')];
    const statuses: number[] = [];
    const asked: readonly (readonly [url: string, ...more: readonly string[]])[] = [
      ['https://a.corp.test/'],
      ['https://a.corp.test/', ...certificate],
      ['https://a.corp.test:8443/'],
      ['https://a.corp.test/', ...certificate, '--sni', ''],
    ];
    for (const [url, ...more] of asked) statuses.push((await explain(url, ...more)).status);
    assert.deepEqual(statuses, [495, 200, 200, 421]);
  });

  it('take the expression before the path and the path before the prefix of one route, and the whole path for it (4.1)', async () => {
    const keys = `${to}, ${open}`;
    await write(
      `  - {name: first, from: https://a.corp.test, regex: "/[0-9]+", path: /p, prefix: /q/, ${keys}}\n` +
        `  - {name: second, from: https://b.corp.test, path: /p, prefix: /q/, ${keys}}\n`,
    );
    assert.deepEqual(await served(['a.corp.test/12?x', 'a.corp.test/12/', 'a.corp.test/p', 'b.corp.test/p?q', 'b.corp.test/q/']), [
      'first',
      404,
      404,
      'second',
      404,
    ]);
  });

  it('refuse an empty expression, path or prefix: to Pomerium it is none at all, to a reader it is one that matches nothing', async () => {
    for (const key of ['regex', 'path', 'prefix']) {
      await write(`  - {from: https://a.corp.test, ${key}: "", ${to}, ${open}}\n`);
      const { status, err } = await check();
      assert.deepEqual([status, err.includes(`routes[0].${key} "" matches no path: leave it out where every path is meant`)], [1, true]);
    }
  });

  const paths: ReadonlyMap<string, string | number> = new Map<string, string | number>([
    ['/a/./b/../c', '/a/c'],
    ['/a//b', '/a/b'],
    ['/%7Ea/%2d', '/~a/-'],
    ['/%e4%2c', '/%E4%2C'],
    ['/%FF', '/%FF'],
    ['/a;b=c;d', '/a;b=c;d'],
    ['/..%3b/a', '/..%3B/a'],
    ['/a%2fb', 400],
    ['/a%5Cb', 400],
    ['/%00', 400],
    ['/%0a', 400],
    ['/%7f', 400],
    ['/\u0001', 400],
    ['/a\\b', 400],
    ['/a#b', 400],
  ]);

  it('see one canonical path, the same one that the upstream gets (4.2)', async () => {
    await write(route('a.corp.test'));
    await explained(paths);
  });

  it('read escaped slashes as the configuration says, and everything else as ever (4.2)', async () => {
    const kept = { '/a%2fb': '/a%2Fb', '/a%5Cb': '/a%5Cb', '/a/%2e%2e%2fb': 400, '/a/..%2Fb': 400 };
    await write(route('a.corp.test'), 'path_with_escaped_slashes_action: keep_unchanged\n');
    await explained(new Map([...paths, ...Object.entries(kept)]));
    const resolved = { '/a%2fb': '/a/b', '/a%5Cb': '/a/b', '/a/%2e%2e%2fb': '/b', '/a%2f%2Fb': '/a/b' };
    await write(route('a.corp.test'), 'path_with_escaped_slashes_action: unescape_and_forward\n');
    await explained(new Map([...paths, ...Object.entries(resolved)]));
  });

  it('send whoever escaped a slash to the path it stands for, on the same host, before anything is decided (4.2)', async () => {
    await write(route('a.corp.test', 'prefix: /x'), 'path_with_escaped_slashes_action: unescape_and_redirect\n');
    const { decision, status, route: found, reply } = await explain('https://A.corp.test:8443//y/..%2f%2fz%20?q=%2f');
    assert.deepEqual([decision, status, found, reply?.headers['location']], ['own', 307, null, 'https://a.corp.test:8443/z%20?q=%2f']);
    assert.deepEqual(
      [(await explain('https://a.corp.test/x%2f%00')).status, (await explain('https://a.corp.test/x/%20')).status],
      [400, 200],
    );
  });

  it('refuse a header name with an underscore, let it pass or drop it, and never a spelling of what is ours (4.3)', async () => {
    const sent = [
      'X_Mine: 1',
      'X_Pomerium_Claim_Email: forged',
      'x_forwarded_client_cert: forged',
      'ssl_client_verify: SUCCESS',
      'X-Other: 2',
    ];
    const asked = sent.flatMap((header) => ['--header', header]);
    const names: unknown[] = [];
    for (const action of ['reject_request', 'allow', 'drop_header']) {
      await write(route('a.corp.test'), `headers_with_underscores_action: ${action}\n`);
      const { status, reasons, upstream } = await explain('https://a.corp.test/', ...asked);
      const ours = /^(?:host|x-forwarded-.*|x-request-id)$/;
      names.push(status === 200 ? Object.keys(upstream?.headers ?? {}).filter((name) => !ours.test(name)) : [status, ...reasons]);
    }
    assert.deepEqual(names, [[400, 'header-underscore'], ['x_mine', 'x-other'], ['x-other']]);
  });

  it('lead to a unix socket, and say what is not built by its name (4.4)', async () => {
    await writeFile(
      file,
      `certificates: [{cert: server.pem, key: server.key}]\nroutes: [{from: https://a.corp.test, to: "unix:///run/a.sock", ${open}}]\n`,
    );
    const { status, upstream } = await explain('https://a.corp.test/x/../y?z');
    assert.deepEqual([status, upstream?.url, upstream?.headers['host']], [200, 'unix:///run/a.sock:/y?z', 'localhost']);
    for (const keys of [
      `from: tcp+https://a.corp.test:22, ${to}`,
      `from: udp+https://a.corp.test:53, ${to}`,
      `from: ssh://a.corp.test, ${to}`,
      'from: https://a.corp.test, to: "https+unix:///run/a.sock"',
      `from: https://a.corp.test, ${to}, tls_downstream_server_name: b.corp.test`,
    ]) {
      await writeFile(file, `certificates: [{cert: server.pem, key: server.key}]\nroutes: [{${keys}, ${open}}]\n`);
      const { status: exit, err } = await check();
      assert.deepEqual([exit, /not supported yet/.test(err)], [1, true], keys);
    }
  });

  async function explained(expected: ReadonlyMap<string, string | number>): Promise<void> {
    const found = new Map<string, string | number>();
    for (const sent of expected.keys()) {
      const { status, upstream } = await explain(`https://a.corp.test${sent}`);
      found.set(sent, upstream === null ? status : upstream.url.slice('http://127.0.0.1:9'.length));
    }
    assert.deepEqual(found, expected);
  }
});
