import { connect } from 'node:tls';
import type { AskOptions, House } from '../walk/house.ts';

export interface RawRequest {
  /** The lines of the head, written as they stand. */
  readonly head: readonly string[];
  /** Empty: none is sent. */
  readonly sni: string;
  readonly client: AskOptions['client'];
}

/** One request written by hand, so that no client library makes it better than it is; answers the status. */
export function askRaw({ port, pki }: Pick<House, 'port' | 'pki'>, { head, sni, client }: RawRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      ca: pki.serverCa.certificatePem,
      // Without a name the certificate is one that nobody trusts; what is asked of it is not its worth.
      rejectUnauthorized: false,
      ...(sni === '' ? {} : { servername: sni }),
      ...(client === undefined ? {} : { cert: client.certificatePem, key: client.keyPem }),
    });
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)));
    socket.write(`${head.join('\r\n')}\r\n\r\n`, 'latin1');
  });
}
