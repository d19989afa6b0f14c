import { randomBytes } from 'node:crypto';
import { client } from '../../test/identity/provider-server.ts';
import { freePort } from '../../test/free-ports.ts';
import { ask } from '../../test/walk/house.ts';
import { appHost } from '../bench-files.ts';
import { seenPath } from '../upstream-contract.ts';
import type { Candidate, CandidateSetting } from './candidate.ts';
import type { FoundProgram } from './find-program.ts';
import { authHost, openProviderFor, signIn } from './sign-in.ts';
import { startPeer } from './start-peer.ts';

/** Pomerium, all services in one, set up as Postern is: three criteria, claim headers and assertion, somebody signed in; but no log. */
export async function openPomerium({ command, version }: FoundProgram, { files, upstreamPort }: CandidateSetting): Promise<Candidate> {
  const port = await freePort();
  await using opened = new AsyncDisposableStack();
  const provider = opened.use(await openProviderFor(authHost, port));
  const configuration = {
    address: `127.0.0.1:${port}`,
    grpc_address: `127.0.0.1:${await freePort()}`,
    health_check_addr: `127.0.0.1:${await freePort()}`,
    certificates: [{ cert: files.certificate, key: files.key }],
    authenticate_service_url: `https://${authHost}:${port}`,
    idp_provider: 'oidc',
    idp_provider_url: provider.issuer.origin,
    idp_client_id: client.id,
    idp_client_secret: client.secret,
    idp_scopes: ['openid', 'profile', 'email', 'offline_access'],
    shared_secret: randomBytes(32).toString('base64'),
    cookie_secret: randomBytes(32).toString('base64'),
    databroker_storage_type: 'memory',
    // Its access log is written at "info" and below.
    log_level: 'error',
    pass_identity_headers: true,
    jwt_claims_headers: ['email', 'groups'],
    routes: [{ name: 'app', from: `https://${appHost}`, to: `http://127.0.0.1:${upstreamPort}`, policy: [{ allow: { and: criteria } }] }],
  };
  const launched = await startPeer({
    name: 'pomerium',
    command,
    args: ['--config', 'config.json'],
    configuration: { 'config.json': JSON.stringify(configuration, undefined, 2) },
    port,
    files,
  });
  opened.defer(() => launched.stop());
  const cookie = await signIn('Pomerium', files, port, provider);
  const told = await ask({ port, pki: files.pki }, `https://${appHost}${seenPath}`, { headers: { cookie } });
  if (told.body === '') throw new Error('Pomerium sends the upstream no assertion');
  const everything = opened.move();
  const description = `${version} with its Envoy, one core, TLS, no log; sessions in memory, three criteria, identity headers and assertion`;
  return { name: 'pomerium', description, pid: launched.pid, port, cookie, stop: () => everything.disposeAsync() };
}

/** Those of Postern in the same words; the claim stands for its groups, which a generic provider doesn't sync. */
const criteria = [{ domain: { is: 'example.com' } }, { 'claim/groups': { has: 'admins' } }, { http_method: { in: ['GET', 'HEAD'] } }];
