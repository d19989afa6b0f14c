import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { runCheck } from '../../src/cli/check.ts';
import { runExplain } from '../../src/cli/explain.ts';
import { type } from '../cli/terminal.ts';
import { freePort } from '../free-ports.ts';
import { ask } from '../walk/house.ts';
import { makePki } from '../walk/pki.ts';
import { openEcho } from '../walk/recorder.ts';
import { mountFiles, mountedAt } from './mounted-files.ts';
import type { Serving } from './spawned.ts';
import { cloneRepository } from './spawned.ts';

const folder = join(import.meta.dirname, '../cases/pomerium');
type Written = Readonly<Record<string, unknown>>;
type Routes = readonly { readonly from: string; readonly prefix?: string; readonly path?: string }[];

/** Whatever a file can say the environment can say too, and it means the same. */
describe('the environment alone', () => {
  let directory: string;

  before(async () => {
    directory = await mountFiles();
  });

  after(() => rm(directory, { recursive: true, force: true }));

  for (const name of readdirSync(folder).filter((each) => each !== 'not-everything.yaml')) {
    it(`says the same as the file: ${name}`, async () => {
      const text = await mountedAt(directory, readFileSync(join(folder, name), 'utf8'));
      const file = join(directory, name);
      await writeFile(file, text, { mode: 0o600 });
      const settings = parse(text) as Written;
      const environment = asEnvironment(settings);
      const { status, err } = await type(runCheck, [], { environment });
      assert.equal(status, 0, err);
      const routes = [...((settings['policy'] ?? []) as Routes), ...((settings['routes'] ?? []) as Routes)];
      for (const { from, prefix, path } of routes) {
        const scheme = settings['insecure_server'] === true ? 'http' : 'https';
        const url = `${from.replace('https', scheme).replace('*', 'any')}${path ?? prefix ?? '/'}`;
        const question = ['--json', 'GET', url, '--email', 'alice@corp.example', '--claim', 'hd=corp.example'];
        const [byFile, byEnvironment] = await Promise.all([
          type(runExplain, ['--config', file, ...question]),
          type(runExplain, question, { environment }),
        ]);
        assert.deepEqual([byFile.status, byEnvironment.status], [0, 0], byEnvironment.err);
        const [one, other] = [byFile, byEnvironment].map(({ out }) => JSON.parse(out) as { route: unknown });
        assert.notEqual(one?.route, null, url);
        assert.deepEqual(other, one);
      }
    });
  }

  it('serves a request, with headers in both spellings', async () => {
    await using clone = await cloneRepository();
    await using echo = await openEcho();
    const pki = await makePki();
    for (const headers of ['X-One:1,X-Two:a b', '{"X-One": "1", "X-Two": "a b"}']) {
      const port = await freePort();
      await using serving = await clone.serve([], {
        ADDRESS: `127.0.0.1:${port}`,
        HEALTH_CHECK_ADDR: `127.0.0.1:${await freePort()}`,
        CERTIFICATE: base64(pki.server.certificatePem),
        CERTIFICATE_KEY: base64(pki.server.keyPem),
        DOWNSTREAM_MTLS_CA: base64(pki.caA.certificatePem),
        DOWNSTREAM_MTLS_MAX_VERIFY_DEPTH: '2',
        DOWNSTREAM_MTLS_MATCH_SUBJECT_ALT_NAMES: '[{"email": "alice@.*"}]',
        HEADERS: headers,
        MERGE_SLASHES: 'false',
        ACCESS_LOG_FIELDS: 'user-agent,query',
        ROUTES: base64(`- {name: app, from: 'https://app.postern.test', to: '${echo.url}', allow_public_unauthenticated_access: true}`),
        POLICY: base64(
          `- {name: first, from: 'https://app.postern.test', path: /first, response: {status: 203}, allow_public_unauthenticated_access: true}`,
        ),
      });
      const house = { port, pki };
      const answer = await ask(house, 'https://app.postern.test/a//b?c', { client: pki.alice, headers: { 'user-agent': 'curl' } });
      const { target } = JSON.parse(answer.body) as { target: string };
      assert.deepEqual([answer.status, target, answer.headers['x-one'], answer.headers['x-two']], [200, '/a//b?c', '1', 'a b']);
      assert.equal(answer.headers['x-frame-options'], undefined);
      const statuses = [
        await ask(house, 'https://app.postern.test/first', { client: pki.alice }),
        await ask(house, 'https://app.postern.test/'),
        await ask(house, 'https://app.postern.test/', { client: pki.ofB }),
      ].map(({ status }) => status);
      assert.deepEqual(statuses, [203, 495, 495]);
      const line = await lineOf(serving, 'app');
      assert.deepEqual([line?.['user_agent'], line?.['query']], ['curl', 'c']);
    }
  });
});

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Texts as they are, lists and maps as JSON, those inside `downstream_mtls` one by one, and routes as the base64 of YAML. */
function asEnvironment(settings: Written): Readonly<Record<string, string>> {
  const { downstream_mtls: mtls = {}, routes, policy, set_response_headers: headers, ...others } = settings;
  const flat = Object.entries(others).map(([key, value]) => [key.toUpperCase(), writeValue(value)]);
  const inner = Object.entries(mtls as Written).map(([key, value]) => [`DOWNSTREAM_MTLS_${key.toUpperCase()}`, writeValue(value)]);
  const lists = Object.entries({ ROUTES: routes, POLICY: policy }).filter(([, list]) => list !== undefined);
  const encoded = lists.map(([name, list]) => [name, base64(stringify(list))]);
  const global = headers === undefined ? [] : [['HEADERS', JSON.stringify(headers)]];
  return Object.fromEntries([...flat, ...inner, ...encoded, ...global]) as Record<string, string>;
}

function writeValue(value: unknown): string {
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The line of a request to a route. It is written a few milliseconds after the answer, by another process. */
async function lineOf({ lines }: Serving, name: string): Promise<Written | undefined> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const found = lines.map((line) => JSON.parse(line) as Written).find(({ route }) => route === name);
    if (found !== undefined) return found;
    await setTimeout(10);
  }
  return undefined;
}
