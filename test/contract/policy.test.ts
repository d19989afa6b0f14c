import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { issueAuthority, issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import { runCheck } from '../../src/cli/check.ts';
import { runExplain } from '../../src/cli/explain.ts';
import { writeFrozenPki } from '../cli/frozen-pki.ts';
import { type } from '../cli/terminal.ts';

const settings = `certificates: [{cert: server.pem, key: server.key}]
authenticate_service_url: https://auth.corp.test
idp_provider: oidc
idp_provider_url: https://idp.corp.test
idp_client_id: postern
idp_client_secret: hunter2
state_directory: state
`;

/** A sentence, the keys of a route, the words after method and URL (a method or a target of their own first), and part of the answer. */
const statement = z.strictObject({
  says: z.string(),
  route: z.string().default(''),
  ask: z.array(z.string()).default([]),
  expect: z.record(z.string(), z.unknown()),
});
const problem = z.strictObject({ says: z.string(), policy: z.string(), text: z.string() });

function read(name: string): unknown {
  return parse(readFileSync(join(import.meta.dirname, '../cases/statements', `${name}.yaml`), 'utf8'));
}

/** Sentences of the reference, each tried from outside: through `explain --json`, and through `check` where it is about an error. */
describe('the policy language, as its reference has it', () => {
  let directory: string;
  const written = new Map<string, string>();

  before(async () => {
    directory = await writeFrozenPki();
    const times = { from: new Date(Date.UTC(2026, 0, 1)), to: new Date(Date.UTC(2027, 0, 1)) };
    const [ours, others] = await Promise.all(['CA D', 'CA D'].map((commonName) => issueAuthority({ commonName, ...times })));
    if (ours === undefined || others === undefined) throw new Error('no authorities');
    const names = { dnsNames: ['one.corp.test', 'two.corp.test'], uris: ['spiffe://corp.test/device'], emails: ['device@corp.test'] };
    const device = await issueClientCertificate(ours, { commonName: 'device', ...names, ...times });
    const stranger = await issueClientCertificate(others, { commonName: 'device', ...names, ...times });
    await writeFile(join(directory, 'ca-a.pem'), ours.certificatePem, { flag: 'a' });
    await writeFile(join(directory, 'device.pem'), device.certificatePem);
    await writeFile(join(directory, 'stranger.pem'), stranger.certificatePem);
    const fingerprint = sha256(device.certificate.raw).toString('hex');
    written.set('FINGERPRINT', fingerprint);
    written.set('LONG', fingerprint.toUpperCase().replace(/..(?!$)/g, '$&:'));
    written.set('SPKI', sha256(device.certificate.publicKey.export({ type: 'spki', format: 'der' })).toString('base64'));
  });

  after(() => rm(directory, { recursive: true, force: true }));

  async function write(name: string, routes: readonly string[]): Promise<string> {
    const file = join(directory, name);
    const lines = routes.map((route, index) => {
      const keys = route.replace(/\b(FINGERPRINT|LONG|SPKI)\b/g, (word) => written.get(word) ?? word);
      return `  - {from: https://r${index}.corp.test, to: http://127.0.0.1:9${keys === '' ? '' : `, ${keys}`}}\n`;
    });
    await writeFile(file, `${settings}routes:\n${lines.join('')}`, { mode: 0o600 });
    return file;
  }

  for (const group of ['a-rule', 'a-shorthand', 'redirect-or-401', 'a-certificate']) {
    describe(group.replaceAll('-', ' '), () => {
      const statements = z.array(statement).parse(read(group));
      let file: string;

      before(async () => {
        file = await write(
          `${group}.yaml`,
          statements.map(({ route }) => route),
        );
      });

      for (const [index, { says, ask, expect }] of statements.entries()) {
        it(says, async () => {
          const method = ask[0] === 'OPTIONS' ? 'OPTIONS' : 'GET';
          const target = ask.find((word) => word.startsWith('/')) ?? '/';
          const words = ask.filter((word) => word !== 'OPTIONS' && word !== target);
          const rest = words.map((word) => (word.endsWith('.pem') ? join(directory, word) : word));
          const url = `https://r${index}.corp.test${target}`;
          const { status, out, err } = await type(runExplain, ['--config', file, '--json', method, url, ...rest]);
          assert.equal(status, 0, err);
          const answer = JSON.parse(out) as Record<string, unknown>;
          assert.deepEqual(Object.fromEntries(Object.keys(expect).map((key) => [key, answer[key]])), expect);
        });
      }
    });
  }

  describe('an error of the configuration', () => {
    for (const { says, policy, text } of z.array(problem).parse(read('problems'))) {
      it(`is ${says}`, async () => {
        const { status, err } = await type(runCheck, ['--config', await write('bad.yaml', [`policy: ${policy}`])]);
        assert.equal(status, 1, err);
        assert.match(err, new RegExp(`^.*bad\\.yaml:9:\\d+ (?!warning).*${text}.*\\n.*\\n +\\^+$`, 'm'));
      });
    }

    for (const criterion of ['device: {approved: true}', 'ssh_publickey: x', 'ssh_username: x', 'record: {}', 'pomerium_routes: {}']) {
      const name = criterion.replace(/:.*/, '');
      it(`is ${name}, which is not built`, async () => {
        const { status, err } = await type(runCheck, ['--config', await write('bad.yaml', [`policy: {allow: {or: [{${criterion}}]}}`])]);
        assert.equal(status, 1);
        assert.match(err, new RegExp(`${name}.*not supported yet`));
      });
    }
  });
});

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
