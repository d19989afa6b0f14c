import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { client } from '../../test/identity/provider-server.ts';
import { freePort } from '../../test/free-ports.ts';
import { appHost } from '../bench-files.ts';
import type { Candidate, CandidateSetting } from './candidate.ts';
import type { FoundProgram } from './find-program.ts';
import { openProviderFor, signIn } from './sign-in.ts';
import { peerDirectory, startPeer } from './start-peer.ts';

const name = 'apache + mod_auth_openidc';

/** Where distributions put what Apache loads at run time. */
const moduleDirectories = ['/usr/lib/apache2/modules', '/usr/lib64/httpd/modules', '/usr/lib64/apache2', '/usr/lib/httpd/modules'];

const modules = [
  ['mpm_event_module', 'mod_mpm_event.so'],
  ['unixd_module', 'mod_unixd.so'],
  ['authn_core_module', 'mod_authn_core.so'],
  ['authz_core_module', 'mod_authz_core.so'],
  ['authz_user_module', 'mod_authz_user.so'],
  ['ssl_module', 'mod_ssl.so'],
  ['http2_module', 'mod_http2.so'],
  ['proxy_module', 'mod_proxy.so'],
  ['proxy_http_module', 'mod_proxy_http.so'],
  ['auth_openidc_module', 'mod_auth_openidc.so'],
] as const;

/** Why an Apache that is installed can't be measured: its module for OpenID Connect is a package of its own. */
export function whyNoOpenidc(): string | undefined {
  return findModules() === undefined ? 'mod_auth_openidc is not installed: it belongs beside the other modules of Apache' : undefined;
}

/** Apache with mod_auth_openidc and somebody signed in: session in shared memory, the three criteria of Postern, claims as headers. */
export async function openApacheOpenidc({ command, version }: FoundProgram, setting: CandidateSetting): Promise<Candidate> {
  const { files } = setting;
  const port = await freePort();
  await using opened = new AsyncDisposableStack();
  const provider = opened.use(await openProviderFor(appHost, port));
  const text = [serverText(port, setting), openidcText(port, provider.issuer.origin)].join('\n');
  const args = ['-d', peerDirectory(files, name), '-f', 'httpd.conf', '-DFOREGROUND'];
  const launched = await startPeer({ name, command, args, configuration: { 'httpd.conf': text }, port, files });
  opened.defer(() => launched.stop());
  const cookie = await signIn(name, files, port, provider);
  const everything = opened.move();
  const description = `Apache ${version}, one process of threads, TLS, no log; session in shared memory, three criteria, claims as headers`;
  return { name, description, pid: launched.pid, port, cookie, stop: () => everything.disposeAsync() };
}

function serverText(port: number, { files, upstreamPort }: CandidateSetting): string {
  const directory = findModules() ?? '';
  // What was compiled in has no file.
  const loaded = modules.filter(([, file]) => existsSync(join(directory, file)));
  return `
${loaded.map(([module, file]) => `LoadModule ${module} ${join(directory, file)}`).join('\n')}
ServerName ${appHost}
PidFile httpd.pid
DefaultRuntimeDir ${peerDirectory(files, name)}
ErrorLog /dev/stderr
LogLevel error
User #65534
Group #65534
StartServers 1
ServerLimit 1
ThreadLimit 128
ThreadsPerChild 128
MaxRequestWorkers 128
MinSpareThreads 1
MaxSpareThreads 128
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 600
Timeout 600
Listen 127.0.0.1:${port}
Protocols h2 http/1.1
SSLEngine on
SSLCertificateFile ${files.certificate}
SSLCertificateKeyFile ${files.key}
SSLSessionCache none
ProxyPreserveHost On
ProxyPass / http://127.0.0.1:${upstreamPort}/ keepalive=On
`;
}

function openidcText(port: number, issuer: string): string {
  return `
OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCClientID ${client.id}
OIDCClientSecret ${client.secret}
OIDCRedirectURI https://${appHost}:${port}/oauth2/callback
OIDCScope "openid profile email"
OIDCPKCEMethod S256
OIDCCryptoPassphrase ${randomBytes(16).toString('hex')}
OIDCSessionType server-cache
OIDCCacheType shm
OIDCSessionInactivityTimeout 43200
OIDCSessionMaxDuration 43200
OIDCPassClaimsAs headers
<Location />
  AuthType openid-connect
  <RequireAll>
    Require method GET HEAD
    Require claim email~@example\\.com$
    Require claim groups:admins
  </RequireAll>
</Location>
`;
}

function findModules(): string | undefined {
  return moduleDirectories.find((directory) => existsSync(join(directory, 'mod_auth_openidc.so')));
}
