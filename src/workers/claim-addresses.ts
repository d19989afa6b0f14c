import type { Server } from 'node:net';
import { createServer } from 'node:net';
import type { SocketAddress } from '../config/settings.ts';

/**
 * Makes sure that nobody else listens at these addresses, and settles which port a 0 stands for. Workers listen in a way that lets any number
 * of processes in, another Postern that was started by mistake as well: so each address is first opened as if for one alone, which the
 * system refuses as long as anybody has it (`EADDRINUSE`). All are open together before the first is closed again.
 */
export async function claimAddresses(addresses: readonly SocketAddress[]): Promise<readonly SocketAddress[]> {
  const servers: Server[] = [];
  try {
    const claimed: SocketAddress[] = [];
    for (const { host, port } of addresses) {
      const server = createServer((socket) => socket.destroy());
      servers.push(server);
      await listen(server, { host, port });
      const taken = server.address();
      claimed.push({ host, port: taken !== null && typeof taken === 'object' ? taken.port : port });
    }
    return claimed;
  } finally {
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  }
}

function listen(server: Server, { host, port }: SocketAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host === '' ? {} : { host }) }, resolve);
  });
}
