import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:net';
import { connect } from 'node:tls';
import { at as frozenAt, valid } from '../test/certificate/frozen-times.ts';
import { longList, serialAt } from '../test/certificate/long-list.ts';
import { bundleOf } from '../test/certificate/trust-of.ts';
import { pemOf as listPem } from '../test/certificate/written-crl.ts';
import type { ProviderServer } from '../test/identity/provider-server.ts';
import { openProvider } from '../test/identity/provider-server.ts';
import { Browser } from '../test/identity/browser.ts';
import { app, authenticate, begin, followTo, openHouse } from '../test/identity/house.ts';
import { followProvider } from '../test/identity/provider-server.ts';
import { compiled, exampleFacts, examplePurpose, people } from '../test/policy/example-facts.ts';
import { authority, canonicalPath, entry, table } from '../test/route/example-table.ts';
import { inboundOf, plainPlan } from '../test/upstream/example-request.ts';
import { makePki } from '../test/walk/pki.ts';
import { snapshotOf } from '../test/walk/program.ts';
import { admit } from '../src/admit.ts';
import type { WhoAsks } from '../src/ask-who.ts';
import { readCaBundle } from '../src/certificate/ca-bundle.ts';
import { buildTrust } from '../src/certificate/certificate-trust.ts';
import { readCrlBundle } from '../src/certificate/crl-bundle.ts';
import { issueAuthority } from '../src/certificate/issue-certificate.ts';
import { judgeCertificate } from '../src/certificate/judge-certificate.ts';
import { defaultInboundRules } from '../src/http/inbound-rules.ts';
import type { Person } from '../src/identity/person.ts';
import { createClientHelloReader } from '../src/listener/client-hello.ts';
import { readInbound } from '../src/listener/read-inbound.ts';
import { decide } from '../src/policy/decide.ts';
import { matchRoute } from '../src/route/route-table.ts';
import { requestHeaders } from '../src/upstream/request-headers.ts';
import { responseHeaders } from '../src/upstream/response-headers.ts';
import type { MicroCase } from './micro.ts';
import { routeCases } from './route-cases.ts';

/** In the order of the walk. Inputs are those of the tests, or what a browser sends. */
export async function makeMicroCases(withLongLists: boolean): Promise<readonly MicroCase[]> {
  return [
    await clientHelloCase(),
    readInboundCase(),
    matchRouteCase('matchRoute, 3 routes', 3, 1),
    matchRouteCase('matchRoute, 10 hosts × 1,000 paths', 10, 1_000),
    await judgeCertificateCase(),
    await sessionCase(),
    decideCase(),
    requestHeadersCase(),
    responseHeadersCase(),
    await judgeAgainCase(),
    ...(await routeCases()),
    ...(withLongLists ? await revocationListCases() : []),
  ];
}

const browserHeaders: readonly string[] = Object.entries({
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0',
  Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'Accept-Language': 'en-GB,en;q=0.7',
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  Cookie: `theme=dark; _pomerium=${'x'.repeat(120)}; csrftoken=${'y'.repeat(32)}`,
  Connection: 'keep-alive',
  'Sec-Fetch-Dest': 'document',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Site': 'same-origin',
}).flat();

async function clientHelloCase(): Promise<MicroCase> {
  const hello = await recordClientHello();
  return { name: 'createClientHelloReader().push, one segment', run: () => createClientHelloReader(64 * 1024).push(hello) };
}

/** The first bytes that a TLS client of Node sends. */
function recordClientHello(): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.once('data', (chunk: Buffer) => {
        resolve(chunk);
        socket.destroy();
        server.close();
      });
    });
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      connect({ host: '127.0.0.1', port, servername: 'app.postern.test' }).on('error', () => undefined);
    });
    server.once('error', reject);
  });
}

function readInboundCase(): MicroCase {
  const { connection } = inboundOf();
  const request = {
    id: 'reference-1',
    receivedAt: 0,
    protocol: 'http/1.1',
    method: 'GET',
    rawAuthority: 'app.example:8443',
    connection,
  } as const;
  const parts = { ...request, authorityCount: 1, rawTarget: '/reports/2031/summary?page=2', headers: browserHeaders };
  return { name: 'readInbound, 9 fields', run: () => readInbound(parts, defaultInboundRules) };
}

function matchRouteCase(name: string, hosts: number, paths: number): MicroCase {
  const names = Array.from({ length: hosts }, (_, host) => `host-${host}.example`);
  const numbers = Array.from({ length: paths }, (_, path) => path);
  const routes = table(names.flatMap((host) => numbers.map((path) => entry(host, paths === 1 ? {} : { prefix: `/app-${path}/` }))));
  const asked = authority(names.at(-1) ?? '');
  const path = canonicalPath(`/app-${Math.floor(paths / 2)}/reports/summary`);
  return { name, run: () => matchRoute(routes, asked, path) };
}

async function judgeCertificateCase(): Promise<MicroCase> {
  const { alice, caA } = await makePki();
  const at = Date.now();
  const read = readCaBundle({ text: caA.certificatePem, label: 'ca', path: [] }, at);
  if (!read.ok) throw new Error(read.message);
  const trust = buildTrust(read.bundle, { maxVerifyDepth: 1, crls: undefined, subjectAltNames: undefined });
  const presented = { kind: 'presented', leaf: new X509Certificate(alice.certificatePem), chain: [], tlsVerdict: undefined } as const;
  if (judgeCertificate(presented, trust, at).kind !== 'valid') throw new Error('the certificate is not valid');
  return { name: 'judgeCertificate, again on a connection', run: () => judgeCertificate(presented, trust, at) };
}

/** Somebody who signed in at a real provider, whose session is warm. */
async function sessionCase(): Promise<MicroCase> {
  await using provider: ProviderServer = await openProvider(authenticate);
  const { identity } = openHouse(provider.issuer, { claimHeaders: [{ header: 'X-Pomerium-Claim-Email', claim: 'email' }] });
  const browser = new Browser();
  const toProvider = await followTo(identity, browser, begin(identity, browser, `${app}/`));
  const handOver = await followTo(identity, browser, await followProvider(provider, browser, toProvider));
  await followTo(identity, browser, handOver);
  const inbound = browser.request(`${app}/`);
  const first = identity.loadSession(inbound);
  if (first.kind === 'loading') await first.until;
  if (identity.loadSession(inbound).kind !== 'person') throw new Error('nobody is signed in');
  return {
    name: 'loadSession and identityHeaders, warm',
    run() {
      const found = identity.loadSession(inbound);
      return found.kind === 'person' ? identity.identityHeaders(found.person, inbound.authority.hostname, 'hostOnly') : undefined;
    },
  };
}

function decideCase(): MicroCase {
  const policy = compiled({
    allow: { and: [{ domain: { is: 'corp.example' } }, { groups: { has: 'admins' } }, { http_method: { in: ['GET', 'HEAD'] } }] },
  });
  const facts = { ...exampleFacts, person: people.alice };
  const { kind } = decide(policy, facts, examplePurpose);
  if (kind !== 'allow') throw new Error(`the policy says ${kind}`);
  return { name: 'decide, three criteria', run: () => decide(policy, facts, examplePurpose) };
}

/** What every stream that is under way costs at each look at it. */
async function judgeAgainCase(): Promise<MicroCase> {
  const pki = await makePki();
  const person: Person = {
    id: 'alice',
    email: 'alice@corp.example',
    name: undefined,
    claims: new Map(),
    sessionId: 's',
    expiresAt: Infinity,
  };
  const snapshot = await snapshotOf(judgedAgain, { pki });
  const inbound = inboundOf({ headers: ['Host', 'chat.corp.example', ...browserHeaders] });
  const whoAsks: WhoAsks = { session: () => ({ kind: 'person', person }), binding: () => undefined, account: () => ({ kind: 'none' }) };
  const { kind } = admit(inbound, snapshot, whoAsks);
  if (kind !== 'forward') throw new Error(`the walk ends with ${kind}`);
  return { name: 'admit, for a stream that is judged again', run: () => admit({ ...inbound, receivedAt: 1 }, snapshot, whoAsks) };
}

const judgedAgain = `
authenticate_service_url: https://auth.corp.example
idp_provider: oidc
idp_provider_url: https://idp.corp.example
idp_client_id: postern
idp_client_secret: secret
routes:
  - {from: "https://*", to: "http://127.0.0.1:9", policy: {allow: {or: [{domain: {is: corp.example}}]}}}
`;

/** A list as large as those of public authorities are. Reading it begins with the text of a file; its signature is checked. */
async function revocationListCases(): Promise<readonly MicroCase[]> {
  const root = await issueAuthority({ ...valid, commonName: 'Root' });
  const [text, bundle] = [{ text: listPem(longList(root, 1_000_000)), label: 'crl', path: [] }, bundleOf([root])];
  const read = readCrlBundle(text, [bundle], frozenAt);
  const serials = read.ok ? read.crls.lists[0]?.serials : undefined;
  const [first, stranger] = [serialAt(0).toString('latin1'), serialAt(1_000_000).toString('latin1')];
  if (serials?.size !== 1_000_000 || !serials.has(first) || serials.has(stranger)) throw new Error('the list cannot be read');
  return [
    { name: 'read a revocation list of a million entries', run: () => readCrlBundle(text, [bundle], frozenAt) },
    { name: 'look a serial number up in it', run: () => serials.has(first) },
  ];
}

function requestHeadersCase(): MicroCase {
  const inbound = inboundOf({ headers: browserHeaders });
  const identity = ['X-Pomerium-Jwt-Assertion', 'x'.repeat(500), 'X-Pomerium-Claim-Email', 'alice@example.com'];
  const input = {
    inbound,
    plan: plainPlan,
    endpoint: { host: '127.0.0.1:8000' },
    vouched: { identity, token: () => '' },
    forUpgrade: false,
  };
  return { name: 'requestHeaders, 9 fields', run: () => requestHeaders(input) };
}

function responseHeadersCase(): MicroCase {
  const upstream = [
    'Server',
    'nginx',
    'Date',
    'Thu, 01 Jan 2032 00:00:00 GMT',
    'Content-Type',
    'text/plain',
    'Content-Length',
    '500',
    'Connection',
    'keep-alive',
  ];
  const isOurCookie = plainPlan.isOurCookie;
  const set = ['X-Frame-Options', 'SAMEORIGIN', 'X-XSS-Protection', '1; mode=block'];
  const input = { upstream, isOurCookie, requestId: 'reference-1', rewrites: [], set, onCookieDropped: () => undefined };
  return { name: 'responseHeaders, 5 fields', run: () => responseHeaders(input) };
}
