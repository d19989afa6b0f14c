import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { issueCrl } from '../../src/certificate/issue-crl.ts';
import { issueAuthority, issueClientCertificate, issueServerCertificate } from '../../src/certificate/issue-certificate.ts';
import { runCheck } from '../../src/cli/check.ts';
import type { Command } from '../../src/cli/command.ts';
import { runExplain } from '../../src/cli/explain.ts';
import { runTest } from '../../src/cli/test.ts';
import { unsupportedKeys } from '../../src/config/foreign-keys.ts';
import { laterCriteria } from '../../src/policy/criteria/criterion-kinds.ts';
import { type } from '../cli/terminal.ts';

const root = join(import.meta.dirname, '../..');
const pages = [
  'README.md',
  'docs/api-clients.md',
  'docs/client-certificates.md',
  'docs/headers.md',
  'docs/moving-from-pomerium.md',
  'docs/operations.md',
  'docs/routes.md',
];

/** What an example leaves out because it is about something else. */
const surroundings: readonly (readonly [key: string, line: string, instead?: readonly string[]])[] = [
  ['certificates', 'certificates: [{cert: server.pem, key: server.key}]', ['certificate_file', 'insecure_server']],
  ['authenticate_service_url', 'authenticate_service_url: https://auth.corp.example'],
  ['idp_provider', 'idp_provider: oidc'],
  ['idp_provider_url', 'idp_provider_url: https://login.corp.example'],
  ['idp_client_id', 'idp_client_id: postern'],
  ['idp_client_secret_file', 'idp_client_secret_file: client-secret', ['idp_client_secret']],
  ['state_directory', 'state_directory: state'],
  ['routes', 'routes: [{from: https://app.corp.example, to: http://127.0.0.1:8080, allow_any_authenticated_user: true}]', ['policy']],
];

const hostNames = ['*.corp.example', 'corp.example', '*.apps.example.com', '*.preview.corp.example'];

interface Fence {
  readonly language: string;
  readonly text: string;
  readonly line: number;
}

/** The fenced blocks of a page in their order, without the indentation of a list they stand in. */
function fencesOf(page: string): readonly Fence[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^( *)```([a-z]+)\n(.*?)^ *```$/gms)].map(({ index, 1: indent = '', 2: language = '', 3: body = '' }) => ({
    language,
    text: body.replace(new RegExp(`^${indent}`, 'gm'), ''),
    line: text.slice(0, index).split('\n').length,
  }));
}

function complete(example: string): string {
  const written = z.looseObject({}).parse(parse(example));
  const lines = surroundings.filter(([key, , instead = []]) => ![key, ...instead].some((name) => name in written)).map(([, line]) => line);
  return `${example.replaceAll(/\/(?:etc|var\/lib)\/postern/g, 'postern')}${lines.map((line) => `${line}\n`).join('')}`;
}

const commands: Readonly<Record<string, Command>> = { check: runCheck, explain: runExplain, test: runTest };

const Answer = z.looseObject({
  status: z.number(),
  route: z.looseObject({ name: z.string().nullable() }).nullable(),
  upstream: z.looseObject({ url: z.string(), headers: z.record(z.string(), z.string()) }).nullable(),
  reply: z.looseObject({ status: z.number(), headers: z.record(z.string(), z.string()), body: z.string() }).nullable(),
});

/** One thing that the answer says, in the words in which the page says it. */
function tell(answer: z.infer<typeof Answer>, expected: string): string {
  const { status, route, upstream, reply } = answer;
  const [, header] = /^([a-z][a-z0-9-]*): /.exec(expected) ?? [];
  if (header !== undefined) return `${header}: ${upstream?.headers[header] ?? 'none'}`;
  if (expected.startsWith('route ')) return `route ${route?.name ?? 'none'}`;
  if (/^\d+$/.test(expected)) return String(status);
  if (/^\d+ /.test(expected)) return `${reply?.status ?? status} ${reply?.headers['location'] ?? JSON.stringify(reply?.body ?? '')}`;
  return upstream?.url ?? String(status);
}

/** Without what is another one in every run. */
function lasting(text: string): string {
  return text.replace(/in \d+ ms$/gm, 'in no time').replace(/[0-9a-f]{64}/g, 'fingerprint');
}

const question = /^([A-Z]+) (\S+)(?: as (\S+))?(?: with (\S+: \S+))? +→ +(.+)$/;

async function ask(file: string, line: string): Promise<void> {
  const [, method = '', url = '', person, header, expected = ''] = question.exec(line) ?? assert.fail(`no question: ${line}`);
  const who = person === undefined ? [] : ['--email', person];
  const headers = header === undefined ? [] : ['--header', header];
  const { status, out, err } = await type(runExplain, ['--config', file, '--json', ...who, ...headers, method, url]);
  assert.equal(status, 0, err);
  assert.equal(tell(Answer.parse(JSON.parse(out)), expected), expected, line);
}

/** Links to files that there are not, and to headings that there are not, as GitHub names headings. */
function brokenLinks(page: string): readonly string[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    if (/^https?:/.test(link)) return [];
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? join(root, page) : join(root, dirname(page), path);
    if (!existsSync(target)) return [`${page}: ${link}`];
    return anchor === undefined || anchorsOf(readFileSync(target, 'utf8')).has(anchor) ? [] : [`${page}: ${link}`];
  });
}

function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading.toLowerCase());
  return new Set(headings.map((heading) => heading.replace(/[^\w\- ]/g, '').replaceAll(' ', '-')));
}

/** What operators copy from the documentation does what the page says. */
describe('the examples of the documentation', () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'postern-docs-'));
    await Promise.all(['ca', 'state', 'postern'].map((name) => mkdir(join(directory, name))));
    const times = { from: new Date(Date.UTC(2026, 0, 1)), to: new Date(Date.UTC(2090, 0, 1)) };
    const ca = await issueAuthority({ commonName: 'Example client CA', ...times });
    const server = await issueServerCertificate(ca, { commonName: 'corp.example', dnsNames: hostNames, ...times });
    const client = await issueClientCertificate(ca, { commonName: 'alice@corp.example', emails: ['alice@corp.example'], ...times });
    const crl = issueCrl(ca, { revoked: [], number: 1n, ...times });
    const files = {
      server: server,
      'wildcard.corp.example': server,
      'ca/_wildcard.apps.example.com': server,
      'ca/alice@example.com': client,
      alice: client,
      'postern-client': client,
      'ca/ca': ca,
      'staff-ca': ca,
      'device-ca': ca,
      'upstream-ca': ca,
    };
    for (const [name, { certificatePem, keyPem }] of Object.entries(files)) {
      await writeFile(join(directory, `${name}.pem`), certificatePem);
      await writeFile(join(directory, `${name}.key`), keyPem, { mode: 0o600 });
    }
    await writeFile(join(directory, 'ca/crl.pem'), crl);
    for (const name of ['client-secret', 'postern/client-secret', 'kubernetes-token'])
      await writeFile(join(directory, name), 'secret\n', { mode: 0o600 });
  });

  after(() => rm(directory, { recursive: true, force: true }));

  async function writeExample(example: string): Promise<string> {
    const file = join(directory, 'config.yaml');
    await writeFile(file, complete(example), { mode: 0o600 });
    return file;
  }

  async function runConsole(text: string): Promise<void> {
    for (const [, line = '', expected = ''] of text.matchAll(/^\$ postern (.*)\n((?:(?!\$ postern ).*\n)*)/gm)) {
      const [name = '', ...args] = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
      const given = args.map((argument) => (/\.(?:yaml|pem)$/.test(argument) ? join(directory, argument) : argument));
      const { out, err } = await type(commands[name] ?? assert.fail(`no command: ${line}`), given);
      const printed = `${err}${out}`.replaceAll(`${directory}/`, '');
      const [shown = '', isCut] = expected.split(/^…$/m);
      const [told, wanted] = [lasting(printed), lasting(shown)];
      assert.equal(isCut === undefined ? told : told.slice(0, wanted.length), wanted, line);
    }
  }

  it('name as missing only what is refused as not supported yet', () => {
    const page = readFileSync(join(root, 'docs/moving-from-pomerium.md'), 'utf8');
    const [, section = ''] = page.split('\n## 3.');
    const cells = [...section.matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell = '']) => cell);
    const keys = cells.flatMap((cell) => [...cell.matchAll(/`([a-z_]{4,})`/g)].map(([, key = '']) => key));
    const refused = new Set([...unsupportedKeys.settings, ...unsupportedKeys.route]);
    const others = new Set([...laterCriteria, 'from', 'services', 'idp_provider', 'github', 'apple', 'hosted']);
    assert.deepEqual(
      keys.filter((key) => !refused.has(key) && !others.has(key)),
      [],
    );
  });

  it('stand on pages whose links lead somewhere', () => {
    const all = [...globSync('docs/*.md', { cwd: root }), 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'CONTRIBUTING.md'];
    assert.deepEqual(all.flatMap(brokenLinks), []);
  });

  for (const page of pages) {
    describe(page, () => {
      const fences = fencesOf(page);
      for (const [index, { language, text, line }] of fences.entries()) {
        const next = fences[index + 1];
        if (language !== 'yaml') continue;
        it(`holds at line ${line}`, async () => {
          const file = await writeExample(text);
          if (next?.language === 'console') return runConsole(next.text);
          const { status, err } = await type(runCheck, ['--config', file, '--strict']);
          assert.deepEqual([status, err], [0, '']);
          if (next?.language !== 'text' || !next.text.includes('→')) return;
          for (const asked of next.text.trimEnd().split('\n')) await ask(file, asked);
        });
      }
    });
  }
});
