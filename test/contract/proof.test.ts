import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { issueAuthority, issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import type { Command } from '../../src/cli/command.ts';
import { type } from '../cli/terminal.ts';
import type { AskOptions } from '../walk/house.ts';
import { freePort } from '../free-ports.ts';
import { ask } from '../walk/house.ts';
import { makePki } from '../walk/pki.ts';
import { openEcho } from '../walk/recorder.ts';
import type { Clone, Ended } from './spawned.ts';
import { cloneRepository } from './spawned.ts';

interface Sarif {
  readonly runs: readonly {
    readonly results: readonly {
      readonly ruleId: string;
      readonly locations: readonly {
        readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region: { readonly startLine: number } };
      }[];
    }[];
  }[];
}

interface Explained {
  readonly route: { readonly name: string | null } | null;
  readonly decision: string;
  readonly status: number;
  readonly upstream: { readonly url: string; readonly headers: Readonly<Record<string, string>> } | null;
  readonly reply: { readonly headers: Readonly<Record<string, string>> } | null;
}

/** What somebody sees who cloned the repository and follows the first pages. */
describe('a fresh clone', () => {
  let clone: Clone;
  let example: string;

  before(async () => {
    clone = await cloneRepository();
    example = await readFile(join(clone.directory, 'config.example.yaml'), 'utf8');
  });

  after(() => clone[Symbol.asyncDispose]());

  const write = (name: string, text: string): Promise<void> => writeFile(join(clone.directory, name), text);
  const check = (name: string, ...more: readonly string[]): Promise<Ended> => clone.run(['check', '--config', name, ...more]);

  it('has an example that passes check', async () => {
    const { status, out } = await check('config.example.yaml');
    assert.deepEqual([status, out.split(':')[0]], [0, 'The configuration is good']);
  });

  it('shows line and caret of a key that is misspelt, and what was meant', async () => {
    await write('misspelt.yaml', example.replace('    prefix: ', '    prefx: '));
    const { status, out, err } = await check('misspelt.yaml');
    const line = example.split('\n').findIndex((each) => each.includes('    prefix: ')) + 1;
    assert.deepEqual([status, out], [1, '']);
    const [place, code, carets] = err.split('\n');
    assert.equal(place, `misspelt.yaml:${line}:5 unknown key "prefx" in routes[3], did you mean "prefix"? [unknown-key]`);
    assert.deepEqual([code?.trim(), carets?.trim()], ['prefx: /ingest/', '^^^^^']);
    assert.equal(carets?.indexOf('^'), code?.indexOf('prefx'));
  });

  it('moves what SARIF points at when a line is inserted', async () => {
    const bad = example.replace('    prefix: ', '    prefx: ').replace('log_level: info', 'log_level: loud');
    await write('before.yaml', bad);
    await write('after.yaml', `# one more line\n${bad}`);
    const [one, other] = await Promise.all(['before.yaml', 'after.yaml'].map((name) => check(name, '--format', 'sarif')));
    assert.deepEqual([one?.status, other?.status], [1, 1]);
    const places = [one, other].map((each) =>
      (JSON.parse(each?.out ?? '') as Sarif).runs[0]?.results.map(({ ruleId, locations: [location] }) => {
        const { artifactLocation, region } = location?.physicalLocation ?? assert.fail('no location');
        return [ruleId, artifactLocation.uri, region.startLine] as const;
      }),
    );
    assert.ok(places[0]?.some(([rule]) => rule === 'unknown-key') && places[0].some(([rule]) => rule === 'invalid-value'));
    assert.deepEqual(
      places[1],
      places[0]?.map(([rule, , line]) => [rule, 'after.yaml', line + 1]),
    );
  });

  it('has tests that pass, and that fail with an allow turned into a deny', async () => {
    const name = 'docs/example/policies.test.yaml';
    const tests = await readFile(join(clone.directory, name), 'utf8');
    const test = (file: string): Promise<Ended> => clone.run(['test', '--config', 'config.example.yaml', file]);
    const good = await test(name);
    assert.equal(good.status, 0, good.out + good.err);
    await write('docs/example/turned.test.yaml', tests.replace('decision: allow', 'decision: deny'));
    const bad = await test('docs/example/turned.test.yaml');
    assert.equal(bad.status, 1);
    assert.match(bad.out, /the website is open to everybody/);
    assert.match(bad.out, /deny[^]*allow/);
  });

  it('answers live as explain says, for ten random requests to the example', async () => {
    await using echo = await openEcho();
    const pki = await makePki();
    const times = { from: new Date(Date.now() - 86_400_000), to: new Date(Date.now() + 86_400_000) };
    const ca = await issueAuthority({ commonName: 'Machines', ...times });
    const client = await issueClientCertificate(ca, { commonName: 'm', dnsNames: ['m1.machines.corp.example'], ...times });
    await write('docs/example/client-ca.pem', ca.certificatePem);
    await write('client.pem', client.certificatePem);
    const local = example.replace(/http:\/\/(?:127\.0\.0\.1|10\.0\.0\.\d):\d+/g, echo.url);
    await write('local.yaml', local);
    const port = await freePort();
    const environment = { ADDRESS: `127.0.0.1:${port}`, HEALTH_CHECK_ADDR: '127.0.0.1:0' };
    await using _ = await clone.serve(['--config', 'local.yaml'], environment);
    // The clone's own, without a process for each question.
    const { runExplain: explain } = (await import(join(clone.directory, 'src/cli/explain.ts'))) as { runExplain: Command };
    const seen = new Set<string>();
    for (const { method, url, isCertified, accept } of randomRequests(10)) {
      const headers: Record<string, string> = { accept };
      const options: AskOptions = { method, headers, host: new URL(url).host, client: isCertified ? client : undefined };
      const live = await ask({ port, pki: { ...pki, serverCa: { ...pki.serverCa, certificatePem: await exampleCa() } } }, url, options);
      const certificate = isCertified ? ['--client-cert', join(clone.directory, 'client.pem')] : [];
      const words = [
        '--config',
        join(clone.directory, 'local.yaml'),
        '--json',
        method,
        url,
        '--header',
        `Accept: ${accept}`,
        ...certificate,
      ];
      const told = await type(explain, words, { environment, at: Date.now() });
      const { status, upstream, reply, route } = JSON.parse(told.out) as Explained;
      const name = `${method} ${url} ${accept} ${isCertified}`;
      assert.equal(live.status, status, name);
      const [path] = (live.headers.location ?? '').split('?');
      assert.equal(path, (reply?.headers['location'] ?? '').split('?')[0], name);
      if (upstream !== null) {
        const { target, headers: sent } = JSON.parse(live.body) as { target: string; headers: Readonly<Record<string, string>> };
        assert.equal(echo.url + target, upstream.url, name);
        // Neither tells anything about the request: explain asks without a body and over no connection.
        const varying = ['x-request-id', 'connection', 'content-length'];
        assert.deepEqual(without(sent, varying), without(upstream.headers, varying), name);
      }
      seen.add(`${route?.name ?? 'none'} ${status}`);
    }
    assert.ok(seen.size >= 5, [...seen].join());
  });

  /** The example's certificate is signed by itself or by an authority that is not kept: the test trusts the certificate. */
  const exampleCa = (): Promise<string> => readFile(join(clone.directory, 'docs/example/server.pem'), 'utf8');
});

function without(fields: Readonly<Record<string, string>>, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

interface RandomRequest {
  readonly method: string;
  readonly url: string;
  readonly isCertified: boolean;
  readonly accept: string;
}

/** The same in every run: a linear congruential generator (Numerical Recipes). */
function* randomRequests(count: number): Generator<RandomRequest> {
  let state = 20_261_122;
  const pick = <Item>(items: readonly Item[]): Item => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return items[Math.floor((state / 2 ** 32) * items.length)] ?? assert.fail('nothing to choose from');
  };
  for (let made = 0; made < count; made += 1) {
    const host = pick(['www', 'wiki', 'console', 'machines', 'machines', 'nowhere']);
    const path = pick(['/', '/status', '/ingest/a?b=c', '/ingest/x', '/a%20b/%7e', '/ping']);
    const isCertified = host === 'machines' && pick([true, true, false]);
    yield {
      method: pick(['GET', 'PUT', 'POST']),
      url: `https://${host}.corp.example${path}`,
      isCertified,
      accept: pick(['text/html', 'application/json']),
    };
  }
}
