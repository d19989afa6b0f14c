import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { runCheck } from '../../src/cli/check.ts';
import type { Printed } from '../cli/terminal.ts';
import { type } from '../cli/terminal.ts';
import { mountFiles, mountedAt } from './mounted-files.ts';
import type { Level, PomeriumKey } from './pomerium-keys.ts';
import { pomeriumKeys } from './pomerium-keys.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'test/cases/pomerium');
const certificate = 'certificates: [{cert: /pomerium/wildcard.crt, key: /pomerium/wildcard.key}]\n';
const route = 'from: https://app.corp.example, to: http://app:8000, allow_public_unauthenticated_access: true';

/** Where a key is written, for one that is refused whatever its value. */
const placed: Readonly<Record<Level, (key: string) => string>> = {
  settings: (key) => `${certificate}${key}: x\nroutes: [{${route}}]\n`,
  downstream_mtls: (key) => `${certificate}downstream_mtls: {${key}: x}\nroutes: [{${route}}]\n`,
  route: (key) => `${certificate}routes: [{${route}, ${key}: x}]\n`,
};

/** No key of the reference is silently unknown: each is accepted, or refused by name and with the word for why. */
describe('every key of the reference', () => {
  let directory: string;

  before(async () => {
    directory = await mountFiles();
  });

  after(() => rm(directory, { recursive: true, force: true }));

  async function check(text: string, environment?: Readonly<Record<string, string>>): Promise<Printed> {
    const file = join(directory, 'config.yaml');
    await writeFile(file, await mountedAt(directory, text), { mode: 0o600 });
    return type(runCheck, ['--config', file], environment === undefined ? {} : { environment });
  }

  for (const { level, key, outcome } of pomeriumKeys.filter((each) => each.outcome !== 'accepted')) {
    it(`that is not accepted is refused by name: ${level === 'route' ? 'routes[0].' : ''}${key}`, async () => {
      const { status, err } = await check(placed[level](key));
      const line = err.split('\n').find((each) => / (?!warning)/.test(each) && each.includes(key) && each.includes('config.yaml:'));
      assert.deepEqual([status, line?.includes(outcome)], [1, true], err);
    });
  }

  it('of the top level is refused by name in the environment, too', async () => {
    const refused = pomeriumKeys.filter(({ level, outcome }) => level === 'settings' && outcome !== 'accepted');
    const environment = Object.fromEntries(refused.map(({ key }) => [key.toUpperCase(), 'x']));
    const { status, err } = await check(`${certificate}routes: [{${route}}]\n`, environment);
    assert.equal(status, 1);
    const missed = refused.filter(({ key, outcome }) => {
      const named = new RegExp(`(^|[^A-Z_])${key.toUpperCase()}([^A-Z_]|$)`, 'i');
      return !err.split('\n').some((line) => named.test(line) && line.includes(outcome));
    });
    assert.deepEqual(missed, [], err);
  });

  it('that is accepted stands in one of the configurations that move in', () => {
    const used = new Set(readdirSync(folder).flatMap((name) => [...keysOf(parse(readFileSync(join(folder, name), 'utf8')) as Written)]));
    assert.deepEqual(
      pomeriumKeys.filter(({ level, key, outcome }) => outcome === 'accepted' && !used.has(`${level} ${key}`)),
      [],
    );
  });

  it('is on the page of the configuration, and so is no accepted key besides but those that are ours', () => {
    const page = readFileSync(join(root, 'docs/configuration.md'), 'utf8');
    const unnamed = pomeriumKeys.filter(({ key }) => !page.includes(`\`${key}\``));
    assert.deepEqual(unnamed, []);
    const sections: Readonly<Record<Level, string>> = {
      settings: '## Top level',
      downstream_mtls: '## `downstream_mtls`',
      route: '## A route',
    };
    const ours: Record<string, readonly string[]> = {};
    for (const [level, heading] of Object.entries(sections)) {
      const table = (page.split(`${heading}\n`)[1] ?? '').split(/\n##/)[0] ?? '';
      const written = [...table.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, key = '']) => key);
      ours[level] = written.filter((key) => !pomeriumKeys.some((each) => isKey(each, level, key)));
    }
    assert.deepEqual(ours, ourKeys);
  });
});

/** In the order of the page. */
const ourKeys = {
  settings: [
    'max_connections',
    'max_connections_per_peer',
    'max_requests',
    'certificate_identities',
    'certificate_links',
    'client_certificate_authorities',
    'accept_client_certificate',
    'certificate_sign_in_url',
    'sign_in_methods',
    'bind_session_to_certificate',
    'pass_client_certificate',
    'workers',
    'state_directory',
    'people',
    'tests',
  ],
  downstream_mtls: ['send_ca_names', 'allow_partial_chain', 'require_client_auth_eku', 'certificate_denied_status', 'revocation'],
  route: [
    'allow_cross_site',
    'client_certificate_mode',
    'certificate_denied_status',
    'client_certificate_revocation',
    'authentication',
    'certificate_identities',
    'anonymous_identity',
    'default_identity',
    'bind_session_to_certificate',
    'pass_client_certificate',
  ],
};

function isKey(known: PomeriumKey, level: string, key: string): boolean {
  return known.level === level && known.key === key && known.outcome === 'accepted';
}

type Written = Readonly<Record<string, unknown>>;

function* keysOf(settings: Written): Generator<string> {
  for (const [key, value] of Object.entries(settings)) {
    yield `settings ${key}`;
    if (key === 'downstream_mtls') for (const inner of Object.keys(value as Written)) yield `downstream_mtls ${inner}`;
    if (key === 'routes' || key === 'policy')
      for (const each of value as readonly Written[]) for (const inner of Object.keys(each)) yield `route ${inner}`;
  }
}
