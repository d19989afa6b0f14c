import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureVersion } from 'node:tls';
import { TLSSocket } from 'node:tls';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { switching } from './upgrade-front.ts';

/** An https application that answers, requests and upgrades alike, with the SNI and the `Host` it got, and with whom it saw. */
export interface TlsUpstream extends AsyncDisposable {
  readonly port: number;
  connections(): number;
  requests(): number;
}

export interface TlsUpstreamOptions {
  /** Who has no certificate of it does not get through the handshake. */
  readonly clientCa?: string;
  readonly maxVersion?: SecureVersion;
  readonly port?: number;
}

export async function openTls({ certificatePem, keyPem }: Issued, options: TlsUpstreamOptions = {}): Promise<TlsUpstream> {
  const { clientCa, maxVersion = 'TLSv1.3', port = 0 } = options;
  let connections = 0;
  let requests = 0;
  const asks = clientCa === undefined ? {} : { requestCert: true, ca: [clientCa] };
  const server = createServer(
    { cert: certificatePem, key: keyPem, minVersion: 'TLSv1', maxVersion, ciphers: 'DEFAULT@SECLEVEL=0', ...asks },
    ({ headers, socket }, response) => {
      requests += 1;
      response.end(seen(socket, headers.host));
    },
  );
  server.on('upgrade', ({ headers }, socket: TLSSocket) => {
    requests += 1;
    socket.end(`${switching()}${seen(socket, headers.host)}`);
  });
  server.on('secureConnection', () => (connections += 1));
  server.on('tlsClientError', () => undefined);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function seen(socket: unknown, host: string | undefined): string {
  if (!(socket instanceof TLSSocket)) return '';
  const client = socket.getPeerX509Certificate()?.subject;
  return `${String(socket.servername)} ${host}${client === undefined ? '' : ` ${client}`}`;
}
