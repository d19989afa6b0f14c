import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
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
import { issueAuthority, issueClientCertificate, issueServerCertificate } from '../../src/certificate/issue-certificate.ts';
import { crlOf } from '../dangers/revocation-lists.ts';
import type { ProviderServer } from '../identity/provider-server.ts';
import { client, openProvider } from '../identity/provider-server.ts';
import type { AskOptions } from '../walk/house.ts';
import { ask, freePort } from '../walk/house.ts';
import type { Pki } from '../walk/pki.ts';
import { makePki } from '../walk/pki.ts';
import { Visitor } from '../walk/visitor.ts';
import type { Opened } from './open-at.ts';
import { openAt } from './open-at.ts';

const day = 86_400_000;
const times = { from: new Date(Date.now() - day), to: new Date(Date.now() + 30 * day) };
type Files = Readonly<Record<string, string>>;
type Look = () => Promise<unknown>;

/** Everything that a configuration names and somebody may replace while Postern runs: by renaming, or as Kubernetes mounts it. */
describe('a file that the configuration names', () => {
  let directory: string;
  let pki: Pki;
  let house: Opened;
  let provider: ProviderServer;
  let upstream: ReturnType<typeof createServer>;
  let port: number;
  let metricsPort: number;
  /** Two states of every file, and what is seen from outside in each. */
  let states: readonly [Files, Files];
  let alice: Visitor;
  const looks = new Map<string, { readonly look: Look; readonly told: readonly [unknown, unknown]; readonly files: readonly string[] }>();
  const load = { isOn: true, answered: 0, lost: [] as string[], ended: Promise.resolve() };

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'postern-files-'));
    [pki, port, metricsPort] = [await makePki(), await freePort(), await freePort()];
    provider = await openProvider(`https://auth.postern.test:${port}`);
    const server = (issuer: Issued, name: string): Promise<Issued> =>
      issueServerCertificate(issuer, { commonName: name, dnsNames: ['*.postern.test'], ...times });
    const [inner, stranger] = await Promise.all(['Inner CA', 'Inner CA'].map((commonName) => issueAuthority({ commonName, ...times })));
    if (inner === undefined || stranger === undefined) throw new Error('no authorities');
    const own = await server(inner, 'inner');
    upstream = createServer(
      { cert: own.certificatePem, key: own.keyPem, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const { subject } = (request.socket as TLSSocket).getPeerCertificate() as { subject?: { CN: string } };
        response.end(`${subject?.CN ?? 'nobody'} ${request.headers.authorization ?? '-'}`);
      },
    );
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const [one, two] = await Promise.all(['one', 'two'].map((name) => issueClientCertificate(inner, { commonName: name, ...times })));
    const [second, metrics, metricsSecond] = await Promise.all(
      ['second', 'metrics', 'metrics second'].map((name) => server(pki.serverCa, name)),
    );
    if (one === undefined || two === undefined || second === undefined || metrics === undefined || metricsSecond === undefined)
      throw new Error('no certificates');
    const key = (): string => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
    const pair = (name: string, issued: Issued): Files => ({ [`${name}.pem`]: issued.certificatePem, [`${name}.key`]: issued.keyPem });
    const [a, b] = [pki.caA.certificatePem, pki.caB.certificatePem];
    const shared = { 'load-ca.pem': a };
    states = [
      {
        ...shared,
        ...pair('server', pki.server),
        ...pair('metrics', metrics),
        ...pair('proxy', one),
        'metrics-ca.pem': a,
        'client-ca.pem': a + b,
        'client.crl': crlOf(pki.caA, []),
        'route-ca.pem': a,
        'upstream-ca.pem': inner.certificatePem,
        'trusted.pem': inner.certificatePem,
        'signing.key': key(),
        'idp-secret': `${client.secret}\n`,
        token: 'first-token\n',
      },
      {
        ...shared,
        ...pair('server', second),
        ...pair('metrics', metricsSecond),
        ...pair('proxy', two),
        'metrics-ca.pem': b,
        'client-ca.pem': a,
        'client.crl': crlOf(pki.caA, [pki.alice], { number: 2n }),
        'route-ca.pem': b,
        'upstream-ca.pem': stranger.certificatePem,
        'trusted.pem': stranger.certificatePem,
        'signing.key': key(),
        'idp-secret': 'another\n',
        token: 'second-token\n',
      },
    ];
    await mount('..one', states[0]);
    await symlink('..one', join(directory, '..data'));
    for (const name of Object.keys(states[0])) await symlink(join('..data', name), join(directory, name));
    house = await openAt({ config: configuration(`https://127.0.0.1:${(upstream.address() as AddressInfo).port}`), directory });
    alice = new Visitor({ port, pki }, provider);
    describeLooks(second, metrics, metricsSecond);
    load.ended = runLoad();
    assert.equal(
      (await alice.arrive(`https://kubernetes.postern.test:${port}/`, { client: pki.ofB })).answer.body,
      'nobody Bearer first-token',
    );
  });

  after(async () => {
    load.isOn = false;
    await load.ended;
    await house[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
    upstream.close();
    await rm(directory, { recursive: true, force: true });
  });

  function configuration(to: string): string {
    const open = 'allow_public_unauthenticated_access: true';
    return `address: 127.0.0.1:${port}
health_check_addr: 127.0.0.1:0
certificate_file: server.pem
certificate_key_file: server.key
certificate_authority_file: trusted.pem
authenticate_service_url: https://auth.postern.test:${port}
idp_provider: oidc
idp_provider_url: ${provider.issuer.href}
idp_client_id: ${client.id}
idp_client_secret_file: idp-secret
signing_key_file: signing.key
metrics_address: 127.0.0.1:${metricsPort}
metrics_certificate_file: metrics.pem
metrics_certificate_key_file: metrics.key
metrics_client_ca_file: metrics-ca.pem
downstream_mtls: {ca_file: client-ca.pem, crl_file: client.crl}
routes:
  - {from: https://load.postern.test, response: {status: 200, body: here}, ${open}, tls_downstream_client_ca_file: load-ca.pem}
  - {from: https://global.postern.test, response: {status: 200}, ${open}}
  - {from: https://route.postern.test, response: {status: 200}, ${open}, tls_downstream_client_ca_file: route-ca.pem}
  - {from: https://inner.postern.test, to: '${to}', tls_server_name: inner.postern.test, tls_custom_ca_file: upstream-ca.pem, ${open}}
  - {from: https://shown.postern.test, to: '${to}', tls_skip_verify: true, tls_client_cert_file: proxy.pem, tls_client_key_file: proxy.key, ${open}}
  - {from: https://trusted.postern.test, to: '${to}', tls_server_name: inner.postern.test, ${open}}
  - {from: https://desk.postern.test, response: {status: 200}, allow_any_authenticated_user: true}
  - {from: https://kubernetes.postern.test, to: '${to}', tls_skip_verify: true, kubernetes_service_account_token_file: token, allow_any_authenticated_user: true}
`;
  }

  /** How each file shows from outside, and what is seen of its first and of its second state. */
  function describeLooks(second: Issued, metrics: Issued, metricsSecond: Issued): void {
    const status = (name: string, options: AskOptions) => async () =>
      (await ask({ port, pki }, `https://${name}.postern.test/`, options)).status;
    const ofB = { client: pki.ofB };
    // Who is of CA B: it is in the first state of client-ca.pem only, so the others come in with a certificate of their own CA.
    looks.set('certificate_file and certificate_key_file', {
      look: () => serverPrint(port),
      told: [pki.server.certificate.fingerprint256, second.certificate.fingerprint256],
      files: ['server.pem', 'server.key'],
    });
    looks.set('downstream_mtls.crl_file', { look: status('global', { client: pki.alice }), told: [200, 495], files: ['client.crl'] });
    looks.set('tls_downstream_client_ca_file', { look: status('route', ofB), told: [495, 200], files: ['route-ca.pem'] });
    looks.set('tls_custom_ca_file', { look: status('inner', ofB), told: [200, 503], files: ['upstream-ca.pem'] });
    looks.set('certificate_authority_file', { look: status('trusted', ofB), told: [200, 503], files: ['trusted.pem'] });
    looks.set('tls_client_cert_file and tls_client_key_file', {
      look: async () => (await ask({ port, pki }, 'https://shown.postern.test/', ofB)).body,
      told: ['one -', 'two -'],
      files: ['proxy.pem', 'proxy.key'],
    });
    const keyIds = Object.fromEntries(states.map((_, index) => [index, undefined as string | undefined]));
    looks.set('signing_key_file', {
      look: async () => {
        const { body } = await ask({ port, pki }, 'https://auth.postern.test/.well-known/pomerium/jwks.json');
        const [{ kid } = { kid: '' }] = (JSON.parse(body) as { keys: readonly { kid: string }[] }).keys;
        keyIds[0] ??= kid;
        return kid === keyIds[0] ? 'first' : 'another';
      },
      told: ['first', 'another'],
      files: ['signing.key'],
    });
    looks.set('kubernetes_service_account_token_file', {
      look: async () => (await alice.visit(`https://kubernetes.postern.test:${port}/`, ofB)).body,
      told: ['nobody Bearer first-token', 'nobody Bearer second-token'],
      files: ['token'],
    });
    looks.set('metrics_certificate_file and metrics_certificate_key_file', {
      look: () => serverPrint(metricsPort, pki.alice),
      told: [metrics.certificate.fingerprint256, metricsSecond.certificate.fingerprint256],
      files: ['metrics.pem', 'metrics.key'],
    });
    looks.set('metrics_client_ca_file', { look: () => scrape(pki.ofB), told: ['refused', 200], files: ['metrics-ca.pem'] });
    looks.set('idp_client_secret_file', {
      look: async () => {
        const { answer } = await new Visitor({ port, pki }, provider).arrive(`https://desk.postern.test:${port}/`, ofB);
        return answer.status === 200;
      },
      told: [true, false],
      files: ['idp-secret'],
    });
    looks.set('downstream_mtls.ca_file', { look: status('global', ofB), told: [200, 495], files: ['client-ca.pem'] });
  }

  const keys = [
    'certificate_file and certificate_key_file',
    'downstream_mtls.crl_file',
    'tls_downstream_client_ca_file',
    'tls_custom_ca_file',
    'certificate_authority_file',
    'tls_client_cert_file and tls_client_key_file',
    'signing_key_file',
    'kubernetes_service_account_token_file',
    'metrics_certificate_file and metrics_certificate_key_file',
    'metrics_client_ca_file',
    'idp_client_secret_file',
    'downstream_mtls.ca_file',
  ];

  it('is followed through the swap of a directory, all of them at once, and back', async () => {
    for (const key of keys) await untilSeen(key, 0);
    await mount('..two', states[1]);
    await swap('..two');
    const taken = await Promise.all(keys.filter((key) => key !== 'kubernetes_service_account_token_file').map((key) => untilSeen(key, 1)));
    assert.ok(Math.max(...taken) < 2_000, taken.join());
    await mount('..three', { ...states[0], 'client.crl': crlOf(pki.caA, [], { number: 3n }) });
    await swap('..three');
    for (const key of keys) await untilSeen(key, 0);
  });

  for (const key of keys)
    it(`is followed through a rename over it: ${key}`, async () => {
      const { files } = looks.get(key) ?? assert.fail(key);
      await untilSeen(key, 0);
      for (const name of files) {
        const beside = join(directory, `${name}.new`);
        await writeFile(beside, name === 'client.crl' ? crlOf(pki.caA, [pki.alice], { number: 4n }) : (states[1][name] ?? ''), {
          mode: 0o600,
        });
        await rename(beside, join(directory, name));
      }
      assert.ok((await untilSeen(key, 1)) < 2_000);
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
  async function untilSeen(key: string, state: 0 | 1): Promise<number> {
    const { look, told } = looks.get(key) ?? assert.fail(key);
    const started = performance.now();
    for (;;) {
      const seen = await look();
      const took = performance.now() - started;
      if (seen === told[state]) return took;
      if (took > 4_000) assert.fail(`${key} shows ${String(seen)} instead of ${String(told[state])} after four seconds`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  async function serverPrint(at: number, shown?: Issued): Promise<string> {
    const identity = shown === undefined ? {} : { cert: shown.certificatePem, key: shown.keyPem };
    const socket = connect({ port: at, host: '127.0.0.1', servername: 'x.postern.test', ca: pki.serverCa.certificatePem, ...identity });
    return new Promise((resolve, reject) => {
      socket.on('secureConnect', () => {
        resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
        socket.destroy();
      });
      socket.on('error', reject);
    });
  }

  function scrape(shown: Issued): Promise<number | string> {
    return ask({ port: metricsPort, pki }, 'https://x.postern.test/metrics', { client: shown }).then(
      ({ status }) => status,
      () => 'refused',
    );
  }

  async function runLoad(): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 2 });
    const one = async (): Promise<void> => {
      while (load.isOn) {
        try {
          const body = await visit(agent);
          if (body === '200 here') load.answered += 1;
          else load.lost.push(body);
        } catch (error) {
          load.lost.push(String(error));
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await Promise.all([one(), one()]);
    agent.destroy();
  }

  function visit(agent: Agent): Promise<string> {
    const servername = 'load.postern.test';
    const identity = { cert: pki.alice.certificatePem, key: pki.alice.keyPem, ca: pki.serverCa.certificatePem };
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
