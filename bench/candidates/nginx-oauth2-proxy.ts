import { join } from 'node:path';
import { freePort } from '../../test/free-ports.ts';
import type { BenchFiles } from '../bench-files.ts';
import { appHost } from '../bench-files.ts';
import type { Candidate, CandidateSetting } from './candidate.ts';
import type { FoundProgram } from './find-program.ts';
import { startNginx } from './nginx.ts';
import { signInOptions } from './oauth2-proxy.ts';
import { openProviderFor, signIn } from './sign-in.ts';
import { peerDirectory, startPeer } from './start-peer.ts';

const name = 'nginx + oauth2-proxy';

/** nginx that asks oauth2-proxy about every request (`auth_request`), over connections kept open, with somebody signed in. */
export async function openNginxOauth2Proxy(
  nginx: string,
  { command, version }: FoundProgram,
  { files, upstreamPort }: CandidateSetting,
): Promise<Candidate> {
  const [port, askedPort] = [await freePort(), await freePort()];
  await using opened = new AsyncDisposableStack();
  const provider = opened.use(await openProviderFor(appHost, port));
  const args = [
    ...signInOptions(provider, port),
    `--http-address=127.0.0.1:${askedPort}`,
    '--https-address=-',
    '--reverse-proxy=true',
    '--set-xauthrequest=true',
    '--upstream=static://202',
  ];
  const asked = await startPeer({ name: `${name}, asked`, command, args, configuration: {}, port: askedPort, files });
  opened.defer(() => asked.stop());
  const server = serverText(files, { port, askedPort, upstreamPort });
  const front = await startNginx({ command: nginx, name, directory: join(peerDirectory(files, name)), port, server, place: 'proxy' });
  opened.defer(() => front.stop());
  const cookie = await signIn(name, files, port, provider);
  const everything = opened.move();
  const description = `oauth2-proxy ${version}, one worker and GOMAXPROCS=1, TLS, no log; session in the cookie, domain and group, identity headers`;
  return { name, description, pid: front.pid, alsoPids: [asked.pid], port, cookie, stop: () => everything.disposeAsync() };
}

interface Ports {
  readonly port: number;
  readonly askedPort: number;
  readonly upstreamPort: number;
}

/** What the manual of oauth2-proxy recommends, with connections kept open. */
function serverText({ certificate, key }: BenchFiles, { port, askedPort, upstreamPort }: Ports): string {
  return `
  upstream app { server 127.0.0.1:${upstreamPort}; keepalive 256; keepalive_requests 1000000000; }
  upstream asked { server 127.0.0.1:${askedPort}; keepalive 256; keepalive_requests 1000000000; }
  proxy_http_version 1.1;
  proxy_buffer_size 16k;
  proxy_buffers 8 16k;
  large_client_header_buffers 4 32k;
  server {
    listen 127.0.0.1:${port} ssl http2;
    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
    location /oauth2/ {
      proxy_pass http://asked;
      proxy_set_header Connection '';
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Proto https;
      proxy_set_header X-Auth-Request-Redirect $request_uri;
    }
    location = /oauth2/auth {
      internal;
      proxy_pass http://asked;
      proxy_pass_request_body off;
      proxy_set_header Connection '';
      proxy_set_header Content-Length '';
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Proto https;
      proxy_set_header X-Forwarded-Uri $request_uri;
    }
    location @sign-in { return 302 /oauth2/start?rd=$request_uri; }
    location / {
      auth_request /oauth2/auth;
      error_page 401 = @sign-in;
      auth_request_set $user $upstream_http_x_auth_request_user;
      auth_request_set $email $upstream_http_x_auth_request_email;
      auth_request_set $groups $upstream_http_x_auth_request_groups;
      proxy_set_header X-User $user;
      proxy_set_header X-Email $email;
      proxy_set_header X-Groups $groups;
      proxy_set_header Connection '';
      proxy_set_header Host $host;
      proxy_pass http://app;
    }
  }`;
}
