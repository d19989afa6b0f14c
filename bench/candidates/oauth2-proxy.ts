import { randomBytes } from 'node:crypto';
import type { ProviderServer } from '../../test/identity/provider-server.ts';
import { client } from '../../test/identity/provider-server.ts';
import { freePort } from '../../test/free-ports.ts';
import { appHost } from '../bench-files.ts';
import type { Candidate, CandidateSetting } from './candidate.ts';
import type { FoundProgram } from './find-program.ts';
import { openProviderFor, signIn } from './sign-in.ts';
import { startPeer } from './start-peer.ts';

const name = 'oauth2-proxy';

/** oauth2-proxy with somebody signed in, as the proxy itself: it terminates TLS, and so speaks HTTP/1.1 only. */
export async function openOauth2Proxy({ command, version }: FoundProgram, { files, upstreamPort }: CandidateSetting): Promise<Candidate> {
  const port = await freePort();
  const provider = await openProviderFor(appHost, port);
  const args = [
    ...signInOptions(provider, port),
    '--http-address=-',
    `--https-address=127.0.0.1:${port}`,
    `--tls-cert-file=${files.certificate}`,
    `--tls-key-file=${files.key}`,
    `--upstream=http://127.0.0.1:${upstreamPort}/`,
  ];
  const launched = await startPeer({ name, command, args, configuration: {}, port, files });
  const stop = async (): Promise<void> => {
    await launched.stop();
    await provider[Symbol.asyncDispose]();
  };
  try {
    const cookie = await signIn(name, files, port, provider);
    const description = `${version}, GOMAXPROCS=1, TLS, no log; session in the cookie, domain and group, identity headers`;
    return { name, description, pid: launched.pid, port, cookie, scenarios: ['http1'], stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What it needs to sign somebody in whose browser sees it at this port, logging nothing; two of Postern's criteria, for it has no third. */
export function signInOptions({ issuer }: ProviderServer, port: number): readonly string[] {
  return [
    '--provider=oidc',
    `--oidc-issuer-url=${issuer.origin}`,
    `--client-id=${client.id}`,
    `--client-secret=${client.secret}`,
    `--redirect-url=https://${appHost}:${port}/oauth2/callback`,
    '--scope=openid profile email',
    '--code-challenge-method=S256',
    '--skip-provider-button=true',
    `--cookie-secret=${randomBytes(16).toString('hex')}`,
    '--email-domain=example.com',
    '--allowed-group=admins',
    '--request-logging=false',
    '--auth-logging=false',
    '--standard-logging=false',
  ];
}
