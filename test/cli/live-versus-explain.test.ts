import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { constantFrom, option, record, sample } from 'fast-check';
import { runExplain } from '../../src/cli/explain.ts';
import type { ProviderServer } from '../identity/provider-server.ts';
import { client, openProvider } from '../identity/provider-server.ts';
import type { House } from '../walk/house.ts';
import { freePort, openHouse } from '../walk/house.ts';
import { openRecorder } from '../walk/recorder.ts';
import type { Recorder } from '../walk/recorder.ts';
import { Visitor } from '../walk/visitor.ts';
import { askRaw } from './ask-raw.ts';
import { type } from './terminal.ts';

const requests = 150;
const hosts = ['open', 'desk', 'admins', 'closed', 'a', 'b', 'mixed', 'auth', 'wild', 'nobody'];
const sessionHosts = ['open', 'desk', 'admins', 'closed', 'wild'];
const targets = [
  '/',
  '/a',
  '/a/b',
  '/a/../b',
  '//a',
  '/%61',
  '/%2e%2e/a',
  '/a%2Fb',
  '/a%5Cb',
  '/a%00',
  '/a\\b',
  '/%zz',
  '/robots.txt',
  '/ping',
  '/.pomerium/',
  '/.pomerium/user',
  '/.pomerium/nothing',
  '/.well-known/pomerium/jwks.json',
  '/.pomerium/../a',
  '/a?x=/../y',
  '/A',
  '/a;b',
];
const headers = [
  '',
  'Accept: text/html',
  'Accept: application/json',
  'Sec-Fetch-Mode: cors',
  'X_Under: 1',
  'X-Mine: 1',
  'Authorization: Pomerium x',
];
const certificates = ['', 'alice', 'ofB', 'ofSameName', 'expired'] as const;

const question = record({
  method: constantFrom('GET', 'GET', 'HEAD', 'POST', 'DELETE'),
  host: constantFrom(...hosts),
  target: constantFrom(...targets),
  header: constantFrom(...headers),
  certificate: constantFrom(...certificates),
  sni: option(constantFrom('', ...hosts), { nil: undefined, freq: 4 }),
  person: constantFrom('nobody', 'alice', 'bob'),
});

/** What `explain` says and what the server does are one thing: here the same requests are put to both. */
describe('explain and the running server', () => {
  let house: House;
  let provider: ProviderServer;
  let upstream: Recorder;
  const visitors = new Map<string, Visitor>();

  before(async () => {
    const port = await freePort();
    upstream = await openRecorder();
    provider = await openProvider(`https://auth.postern.test:${port}`);
    house = await openHouse({ port, config: configOf(provider, upstream) });
    for (const [name, { certificatePem }] of Object.entries(house.pki))
      await writeFile(join(house.directory, `${name}.pem`), certificatePem);
    for (const account of ['alice', 'bob']) {
      provider.account = account;
      const visitor = new Visitor(house, provider);
      // A session of its own at every host that knows sessions: cookies are worth nothing elsewhere.
      for (const host of sessionHosts) await visitor.arrive(urlOf(host, '/.pomerium/user'));
      visitors.set(account, visitor);
    }
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
    await rm(house.directory, { recursive: true, force: true });
  });

  const urlOf = (host: string, target: string): string => `https://${host}.postern.test:${house.port}${target}`;

  it(`agree about ${requests} requests of every kind`, async () => {
    const seen = new Set<string>();
    for (const asked of sample(question, { numRuns: requests, seed: 20_260_601 })) {
      const person = sessionHosts.includes(asked.host) ? asked.person : 'nobody';
      const [explained, live] = [await explain({ ...asked, person }), await ask({ ...asked, person })];
      assert.deepEqual(live, explained, JSON.stringify({ ...asked, person }));
      seen.add(`${explained.decision} ${explained.status}`);
    }
    const wanted = [
      'allow 200',
      'sign-in 302',
      'sign-in 401',
      'deny 403',
      'deny 495',
      'not-found 404',
      'misdirected 421',
      'bad-request 400',
      'own 200',
    ];
    assert.deepEqual(
      wanted.filter((outcome) => !seen.has(outcome)),
      [],
      `only ${[...seen].join(', ')} came up`,
    );
  });

  interface Asked {
    readonly method: string;
    readonly host: string;
    readonly target: string;
    readonly header: string;
    readonly certificate: (typeof certificates)[number];
    readonly sni: string | undefined;
    readonly person: string;
  }

  interface Answered {
    readonly decision: string;
    readonly status: number;
    readonly reasons: readonly string[];
    readonly route: string | null;
    readonly reached: boolean;
  }

  async function explain({ method, host, target, header, certificate, sni, person }: Asked): Promise<Answered> {
    const args = [method, urlOf(host, target), '--config', house.configFile, '--no-env', '--json'];
    if (header !== '') args.push('--header', header);
    if (certificate !== '') args.push('--client-cert', join(house.directory, `${certificate}.pem`));
    if (sni !== undefined) args.push('--sni', sni === '' ? '' : `${sni}.postern.test`);
    if (person === 'alice') args.push('--user', 'alice', '--email', 'alice@example.com', '--groups', 'admins,staff');
    // The provider says that bob’s address is not verified, so he has none.
    if (person === 'bob') args.push('--user', 'bob', '--groups', 'staff');
    const { out, err } = await type(runExplain, args, { at: Date.now() });
    assert.doesNotMatch(err, /warning: (?!.* also matches )/);
    const answer = JSON.parse(out) as Answered & { readonly route: { readonly name: string } | null; readonly upstream: object | null };
    const { decision, status, reasons, route, upstream: sent } = answer;
    return { decision, status, reasons, route: route?.name ?? null, reached: sent !== null };
  }

  async function ask({ method, host, target, header, certificate, sni, person }: Asked): Promise<Answered> {
    upstream.clear();
    const cookie = visitors.get(person)?.jar.cookies(urlOf(host, '/')) ?? '';
    const lines = house.log.length;
    const status = await askRaw(house, {
      head: [
        `${method} ${target} HTTP/1.1`,
        `Host: ${host}.postern.test:${house.port}`,
        'Connection: close',
        ...(cookie === '' ? [] : [`Cookie: ${cookie}`]),
        ...(header === '' ? [] : [header]),
      ],
      sni: sni === undefined ? `${host}.postern.test` : sni === '' ? '' : `${sni}.postern.test`,
      client: certificate === '' ? undefined : house.pki[certificate],
    });
    const line = await house.logLine((each) => house.log.indexOf(each) >= lines && each['msg'] === 'request');
    const { decision, reasons, route } = line as unknown as Answered;
    return { decision, status, reasons, route, reached: upstream.bytes() !== '' };
  }
});

function configOf({ issuer }: ProviderServer, { url }: Recorder): string {
  return `
authenticate_service_url: https://auth.postern.test:{{port}}
idp_provider: oidc
idp_provider_url: ${issuer.href}
idp_client_id: ${client.id}
idp_client_secret: ${client.secret}
idp_scopes: [openid, profile, email]
state_directory: state
routes:
  - {name: open, from: https://open.postern.test, to: ${url}, allow_public_unauthenticated_access: true}
  - {name: desk, from: https://desk.postern.test, to: ${url}, policy: {allow: {or: [{domain: {is: example.com}}]}, deny: {or: [{http_method: DELETE}]}}}
  - {name: admins, from: https://admins.postern.test, to: ${url}, policy: {allow: {and: [{groups: {has: admins}}, {http_path: {starts_with: /a}}]}}}
  - {name: closed, from: https://closed.postern.test, to: ${url}, policy: {allow: {or: [{source_ip: 10.0.0.0/8}]}}}
  - {name: a, from: https://a.postern.test, to: ${url}, allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: ca-a.pem}
  - {name: b, from: https://b.postern.test, prefix: /a, to: ${url}, policy: {allow: {and: [{client_certificate: {san_email: bea@example.com}}]}}, tls_downstream_client_ca_file: ca-b.pem}
  - {name: mixed-a, from: https://mixed.postern.test, prefix: /a, to: ${url}, allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: ca-a.pem}
  - {name: mixed, from: https://mixed.postern.test, to: ${url}, allow_any_authenticated_user: true}
  - {name: wild, from: "https://w*.postern.test", to: ${url}, policy: {allow: {and: [{user: {not: bob}}]}}}
`;
}
