import { closeSync, existsSync, globSync, openSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProviderServer } from '../../test/identity/provider-server.ts';
import { client, openProvider } from '../../test/identity/provider-server.ts';
import { configText, freePort } from '../../test/walk/house.ts';
import { Visitor } from '../../test/walk/visitor.ts';
import { awaitPort } from '../await-port.ts';
import type { BenchFiles } from '../bench-files.ts';
import { appHost } from '../bench-files.ts';
import { launch } from '../processes.ts';
import type { Candidate } from './candidate.ts';

/** Postern with everything on that a request of a signed-in person meets, and the cookie of somebody who signed in. */
export interface PosternCandidate extends Candidate {
  readonly cookie: string;
}

export interface PosternOptions {
  readonly files: BenchFiles;
  readonly upstreamPort: number;
  /** For Node, before the program: a profiler. */
  readonly nodeFlags?: readonly string[];
}

const root = join(import.meta.dirname, '../..');

/** Starts `postern run` as a process of its own and signs in once, through a real OpenID provider that lives as long as it does. */
export async function openPostern({ files, upstreamPort, nodeFlags = [] }: PosternOptions): Promise<PosternCandidate> {
  const port = await freePort();
  const provider = await openProvider(`https://auth.postern.test:${port}`);
  const config = join(files.directory, 'config.yaml');
  await writeFile(config, configText(configuration(provider, upstreamPort), port));
  const program = findProgram();
  const log = openSync(join(files.directory, 'access.log'), 'w');
  const launched = launch(process.execPath, [...nodeFlags, program.file, 'run', '--config', config], {
    place: 'proxy',
    output: log,
    cwd: files.directory,
  });
  closeSync(log);
  const stop = async (): Promise<void> => {
    await launched.stop();
    await provider[Symbol.asyncDispose]();
  };
  try {
    await awaitPort('Postern', port, launched);
    return {
      name: 'postern',
      description: program.description,
      pid: launched.pid,
      port,
      stop,
      cookie: await signIn(files, port, provider),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The full walk: session in the store on disk, three criteria, claim headers and assertion, log to a file, metrics on. */
function configuration(provider: ProviderServer, upstreamPort: number): string {
  return `
authenticate_service_url: https://auth.postern.test:{{port}}
idp_provider: oidc
idp_provider_url: ${provider.issuer.href}
idp_client_id: ${client.id}
idp_client_secret: ${client.secret}
idp_scopes: [openid, profile, email, offline_access]
state_directory: state
metrics_address: 127.0.0.1:0
log_level: info
pass_identity_headers: true
jwt_claims_headers: [email, groups]
routes:
  - name: app
    from: https://${appHost}
    to: http://127.0.0.1:${upstreamPort}
    policy: {allow: {and: [{domain: {is: example.com}}, {groups: {has: admins}}, {http_method: {in: [GET, HEAD]}}]}}
`;
}

async function signIn({ pki }: BenchFiles, port: number, provider: ProviderServer): Promise<string> {
  const url = `https://${appHost}:${port}/`;
  const visitor = new Visitor({ port, pki }, provider);
  const { answer } = await visitor.arrive(url);
  if (answer.status !== 200) throw new Error(`Cannot sign in at Postern: it answered ${answer.status}`);
  return visitor.jar.cookies(url);
}

/** What was compiled counts when nothing in the sources is newer than it: a stale build would measure yesterday's program. */
function findProgram(): { readonly file: string; readonly description: string } {
  const built = join(root, 'dist/main.js');
  const sources = globSync('src/**/*.ts', { cwd: root }).map((file) => statSync(join(root, file)).mtimeMs);
  if (existsSync(built) && statSync(built).mtimeMs > Math.max(...sources)) return { file: built, description: 'compiled (dist)' };
  return { file: join(root, 'bin/postern'), description: 'from its sources (src)' };
}
