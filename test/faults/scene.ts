import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followProvider } from '../identity/provider-server.ts';
import { signInKeys } from '../walk/sign-in-keys.ts';
import { freePorts } from '../free-ports.ts';
import { configText } from '../walk/house.ts';
import type { Pki } from '../walk/pki.ts';
import { makePki } from '../walk/pki.ts';
import { Visitor } from '../walk/visitor.ts';
import type { ChildProgram } from './child-program.ts';
import { startProgram } from './child-program.ts';
import type { PosternOptions, PosternProcess } from './postern-process.ts';
import { openPostern } from './postern-process.ts';

export const appHost = 'app.postern.test';

/** Somebody who is signed in. */
export interface Person {
  readonly email: string;
  /** As a browser would send it. */
  readonly cookie: string;
}

/** Postern, an upstream and a provider, each a process of its own that a test may end. */
export interface Scene extends AsyncDisposable {
  readonly port: number;
  readonly pki: Pki;
  readonly directory: string;
  readonly postern: PosternProcess;
  readonly upstream: ChildProgram;
  readonly provider: ChildProgram;
  /** Which nonces the upstream got, one a line: `POST 17`. */
  readonly nonceFile: string;
  /** The configuration as it was written, or with other routes. */
  configuration(routes?: string): string;
  /** A browser of somebody whom the provider will know by this name. */
  browser(name: string): Visitor;
  signIn(name: string): Promise<Person>;
  /** Takes this visitor to the provider, who signs them in, and gives the address at Postern to which it sends them back. */
  halfSignIn(visitor: Visitor): Promise<string>;
  /** The health endpoint's status; undefined when nobody listens. */
  health(path: '/readyz' | '/healthz'): Promise<number | undefined>;
  /** The value of a metric without labels. */
  metric(name: string): Promise<number>;
}

export interface SceneOptions {
  /** Further keys of the configuration, each on a line. */
  readonly keys?: string;
  /** In the place of the usual ones; `{{upstream}}` is the address of the upstream. */
  readonly routes?: string;
  /** The host by which Postern knows the upstream; an IP literal is looked up nowhere. */
  readonly upstreamHost?: string;
  /** See `PosternOptions`. */
  readonly wrapper?: readonly string[];
  readonly keep?: PosternOptions['keep'];
  /** Where the sessions are, seen from Postern. */
  readonly stateDirectory?: string;
}

const usualRoutes = `  - name: app
    from: https://${appHost}
    to: {{upstream}}
    allow_websockets: true
    policy: {allow: {and: [{domain: {is: example.com}}]}}`;

export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const [directory, pki] = await Promise.all([mkdtemp(join(tmpdir(), 'postern-faults-')), makePki()]);
  // Neighbours that the system hands to nobody by itself: they are free again after whoever had them was killed.
  const first = await freePorts(5);
  const ports = { postern: first, health: first + 1, metrics: first + 2 };
  const [providerPort, upstreamPort] = [first + 3, first + 4];
  const files = { nonces: join(directory, 'nonces'), key: join(directory, 'provider-key.json'), config: join(directory, 'config.yaml') };
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const issuer = new URL(`http://localhost:${providerPort}`);
  const upstreamUrl = `http://${options.upstreamHost ?? '127.0.0.1'}:${upstreamPort}`;

  const configuration = (routes = options.routes ?? usualRoutes): string =>
    configText(
      `${signInKeys({ issuer })}
workers: 1
metrics_address: 127.0.0.1:${ports.metrics}
state_directory: ${options.stateDirectory ?? 'state'}
pass_identity_headers: true
jwt_claims_headers: [email]
${options.keys ?? ''}
routes:
${routes.replaceAll('{{upstream}}', upstreamUrl)}`,
      ports.postern,
      ports.health,
    );

  await Promise.all([
    writeFile(join(directory, 'server.pem'), pki.server.certificatePem),
    writeFile(join(directory, 'server.key'), pki.server.keyPem, { mode: 0o600 }),
    writeFile(files.nonces, ''),
    writeFile(files.key, JSON.stringify({ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'faults' })),
    writeFile(files.config, configuration()),
  ]);
  await using opened = new AsyncDisposableStack();
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  const postern = opened.use(openPostern({ configFile: files.config, wrapper: options.wrapper ?? [], keep: options.keep ?? (() => true) }));
  const [upstream, provider, ready] = await Promise.allSettled([
    startProgram('upstream-program.ts', [String(upstreamPort), files.nonces]),
    startProgram('provider-program.ts', [String(providerPort), `https://auth.postern.test:${ports.postern}`, files.key]),
    postern.start(),
  ]);
  // Whichever did start is ended again when one of them did not.
  for (const each of [upstream, provider]) if (each.status === 'fulfilled') opened.use(each.value);
  if (upstream.status === 'rejected') throw upstream.reason;
  if (provider.status === 'rejected') throw provider.reason;
  if (ready.status === 'rejected') throw ready.reason;
  const running = opened.move();

  const url = `https://${appHost}:${ports.postern}/`;

  function browser(name: string): Visitor {
    const visitor = new Visitor({ port: ports.postern, pki }, { issuer });
    visitor.jar.set(issuer.href, 'account', name);
    return visitor;
  }

  return {
    port: ports.postern,
    pki,
    directory,
    postern,
    upstream: upstream.value,
    provider: provider.value,
    nonceFile: files.nonces,
    configuration,
    browser,
    async signIn(name) {
      const visitor = browser(name);
      const { answer } = await visitor.arrive(url);
      if (answer.status !== 200) throw new Error(`${name} could not sign in: ${answer.status} ${answer.body.slice(0, 200)}`);
      return { email: `${name}@example.com`, cookie: visitor.jar.cookies(url) };
    },
    async halfSignIn(visitor) {
      let at = url;
      while (new URL(at).origin !== issuer.origin) {
        const { status, headers } = await visitor.visit(at);
        if (headers.location === undefined) throw new Error(`nobody is sent to the provider: ${status}`);
        at = new URL(headers.location, at).href;
      }
      return followProvider({ issuer }, visitor.jar, at);
    },
    health: (path) =>
      read(ports.health, path).then(
        ({ status }) => status,
        () => undefined,
      ),
    async metric(name) {
      const { body } = await read(ports.metrics, '/metrics');
      const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(body)?.[1];
      if (value === undefined) throw new Error(`there is no metric ${name}`);
      return Number(value);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function read(port: number, path: string): Promise<{ readonly status: number | undefined; readonly body: string }> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: false, timeout: 3_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode, body }));
    }).on('error', reject);
  });
}
