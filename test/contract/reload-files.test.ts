import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { Agent, createServer, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { crlOf } from '../dangers/revocation-lists.ts';
import type { ProviderServer } from '../identity/provider-server.ts';
import { openProvider } from '../identity/provider-server.ts';
import { freePort } from '../free-ports.ts';
import { ask } from '../walk/house.ts';
import type { Pki } from '../walk/pki.ts';
import { makePki } from '../walk/pki.ts';
import { Visitor } from '../walk/visitor.ts';
import type { Files, NamedFiles } from './named-files.ts';
import { makeNamedFiles, namingAll } from './named-files.ts';
import type { Opened } from './open-at.ts';
import { openAt } from './open-at.ts';

/** How some files show from outside: what is seen of their first and of their second state. */
interface Sight {
  readonly key: string;
  readonly files: readonly string[];
  readonly look: () => Promise<unknown>;
  readonly told: readonly [unknown, unknown];
}

// Two seconds are promised, five looks at the files. On a busy machine a sign-in and a dozen handshakes are in the time as well.
const soonMs = 6_000;

/** Everything that a configuration names and somebody may replace while Postern runs: by renaming, or as Kubernetes mounts it. */
describe('a file that the configuration names', () => {
  let directory: string;
  let pki: Pki;
  let named: NamedFiles;
  let house: Opened;
  let provider: ProviderServer;
  let upstream: ReturnType<typeof createServer>;
  let port: number;
  let metricsPort: number;
  let alice: Visitor;
  let firstKeyId: string | undefined;
  const load = { isOn: true, answered: 0, lost: [] as string[], ended: Promise.resolve() };

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'postern-files-'));
    [pki, port, metricsPort] = [await makePki(), await freePort(), await freePort()];
    provider = await openProvider(`https://auth.postern.test:${port}`);
    named = await makeNamedFiles(pki);
    const { certificatePem: cert, keyPem: key } = named.upstream;
    upstream = createServer({ cert, key, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate() as { subject?: { CN: string } };
      response.end(`${subject?.CN ?? 'nobody'} ${request.headers.authorization ?? '-'}`);
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    await mount('..one', named.states[0]);
    await symlink('..one', join(directory, '..data'));
    for (const name of Object.keys(named.states[0])) await symlink(join('..data', name), join(directory, name));
    const to = `https://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    house = await openAt({ config: namingAll({ port, metricsPort, issuer: provider.issuer, upstream: to }), directory });
    alice = new Visitor({ port, pki }, provider);
    const { answer } = await alice.arrive(`https://kubernetes.postern.test:${port}/`, { client: pki.ofB });
    assert.equal(answer.body, 'nobody Bearer first-token');
    load.ended = runLoad();
  });

  after(async () => {
    load.isOn = false;
    await load.ended;
    await house[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
    upstream.close();
    await rm(directory, { recursive: true, force: true });
  });

  const sights: readonly Sight[] = [
    sight('certificate_file and certificate_key_file', 'server.pem server.key', () => printOf(port), ['server 0', 'server 1']),
    sight('downstream_mtls.crl_file', 'client.crl', () => statusOf('global', pki.alice), [200, 495]),
    sight('tls_downstream_client_ca_file', 'route-ca.pem', () => statusOf('route'), [495, 200]),
    sight('tls_custom_ca_file', 'upstream-ca.pem', () => statusOf('inner'), [200, 503]),
    sight('certificate_authority_file', 'trusted.pem', () => statusOf('trusted'), [200, 503]),
    sight('tls_client_cert_file and tls_client_key_file', 'proxy.pem proxy.key', shownUpstream, ['one -', 'two -']),
    sight('signing_key_file', 'signing.key', signingKey, ['first', 'another']),
    sight('kubernetes_service_account_token_file', 'token', bearer, ['nobody Bearer first-token', 'nobody Bearer second-token']),
    sight('metrics_certificate_file and …_key_file', 'metrics.pem metrics.key', () => printOf(metricsPort), ['metrics 0', 'metrics 1']),
    sight('metrics_client_ca_file', 'metrics-ca.pem', scrape, ['refused', 200]),
    sight('idp_client_secret_file', 'idp-secret', signsIn, [true, false]),
    sight('downstream_mtls.ca_file', 'client-ca.pem', () => statusOf('global'), [200, 495]),
  ];

  it('is followed through the swap of a directory, all of them at once, and back', async () => {
    for (const each of sights) await untilSeen(each, 0);
    await mount('..two', named.states[1]);
    await swap('..two');
    const taken = await Promise.all(sights.map((each) => untilSeen(each, 1)));
    assert.ok(Math.max(...taken) < soonMs, taken.join());
    await mount('..three', { ...named.states[0], 'client.crl': crlOf(pki.caA, [], { number: 3n }) });
    await swap('..three');
    for (const each of sights) await untilSeen(each, 0);
  });

  for (const each of sights)
    it(`is followed through a rename over it: ${each.key}`, async () => {
      await untilSeen(each, 0);
      for (const name of each.files) {
        const content = name === 'client.crl' ? crlOf(pki.caA, [pki.alice], { number: 4n }) : named.states[1][name];
        await writeFile(join(directory, `${name}.new`), content ?? '', { mode: 0o600 });
        await rename(join(directory, `${name}.new`), join(directory, name));
      }
      assert.ok((await untilSeen(each, 1)) < soonMs);
    });

  it('is taken over without losing a request', () => {
    assert.deepEqual(load.lost, []);
    assert.ok(load.answered > 200, `only ${load.answered} requests were made`);
  });

  async function mount(folder: string, files: Files): Promise<void> {
    await mkdir(join(directory, folder));
    for (const [name, content] of Object.entries(files)) await writeFile(join(directory, folder, name), content, { mode: 0o600 });
  }

  async function swap(folder: string): Promise<void> {
    await symlink(folder, join(directory, '..data_tmp'));
    await rename(join(directory, '..data_tmp'), join(directory, '..data'));
  }

  /** Looks until the state shows; answers how long that took, in milliseconds. */
  async function untilSeen({ key, look, told }: Sight, state: 0 | 1): Promise<number> {
    const started = performance.now();
    for (;;) {
      const seen = await look();
      const took = performance.now() - started;
      if (seen === told[state]) return took;
      if (took > 10_000) assert.fail(`${key} shows ${String(seen).slice(0, 100)} instead of ${String(told[state])} after ten seconds`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  async function statusOf(host: string, shown: Issued = pki.ofB): Promise<number> {
    return (await ask({ port, pki }, `https://${host}.postern.test/`, { client: shown })).status;
  }

  async function shownUpstream(): Promise<string> {
    return (await ask({ port, pki }, 'https://shown.postern.test/', { client: pki.ofB })).body;
  }

  async function bearer(): Promise<string> {
    return (await alice.visit(`https://kubernetes.postern.test:${port}/`, { client: pki.ofB })).body;
  }

  async function signsIn(): Promise<boolean> {
    const { answer } = await new Visitor({ port, pki }, provider).arrive(`https://desk.postern.test:${port}/`, { client: pki.ofB });
    return answer.status === 200;
  }

  async function signingKey(): Promise<string> {
    const { body } = await ask({ port, pki }, 'https://auth.postern.test/.well-known/pomerium/jwks.json');
    const [{ kid } = { kid: '' }] = (JSON.parse(body) as { keys: readonly { kid: string }[] }).keys;
    firstKeyId ??= kid;
    return kid === firstKeyId ? 'first' : 'another';
  }

  function scrape(): Promise<number | string> {
    return ask({ port: metricsPort, pki }, 'https://x.postern.test/metrics', { client: pki.ofB }).then(
      ({ status }) => status,
      () => 'refused',
    );
  }

  /** Which certificate a server shows, by name and state. */
  async function printOf(at: number): Promise<string> {
    const { certificatePem: cert, keyPem: key } = pki.alice;
    const socket = connect({ port: at, host: '127.0.0.1', servername: 'x.postern.test', ca: pki.serverCa.certificatePem, cert, key });
    const shown = await new Promise<string | undefined>((resolve, reject) => {
      socket.on('secureConnect', () => resolve(socket.getPeerX509Certificate()?.fingerprint256));
      // The metrics end every connection when they ask for certificates of other CAs; the listener of the routes must not.
      socket.on('error', (error) => (at === metricsPort ? resolve(undefined) : reject(error)));
    });
    socket.destroy();
    for (const name of ['server', 'metrics'] as const) {
      const state = named[name].findIndex(({ certificate }) => certificate.fingerprint256 === shown);
      if (state !== -1) return `${name} ${state}`;
    }
    return 'another';
  }

  async function runLoad(): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 2 });
    await Promise.all([1, 2].map(() => keepAsking(agent)));
    agent.destroy();
  }

  async function keepAsking(agent: Agent): Promise<void> {
    while (load.isOn) {
      const body = await visit(agent).catch(String);
      if (body === '200 here') load.answered += 1;
      else load.lost.push(body);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  function visit(agent: Agent): Promise<string> {
    const servername = 'load.postern.test';
    const identity = { cert: pki.ofB.certificatePem, key: pki.ofB.keyPem, ca: pki.serverCa.certificatePem };
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        { host: '127.0.0.1', port, servername, headers: { host: servername }, agent, ...identity },
        (response) => {
          text(response).then((body) => resolve(`${response.statusCode} ${body}`), reject);
        },
      );
      request.on('error', reject);
      request.end();
    });
  }
});

function sight(key: string, files: string, look: Sight['look'], told: Sight['told']): Sight {
  return { key, files: files.split(' '), look, told };
}
