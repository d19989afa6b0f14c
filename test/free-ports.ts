import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:net';
import { createServer } from 'node:net';

// Below what systems hand out by themselves (Linux from 32768, others from 49152): a connection that leaves for anywhere, or a server
// that listens at 0, could take one of those before whoever asked for it listens there.
const first = 10_000;
const slices = 180;
const sliceSize = 120;

// Files of tests run side by side, in processes whose numbers follow each other: each has ports of its own to choose from.
const slice = first + (process.pid % slices) * sliceSize;
let next = randomInt(sliceSize);

/** A TCP port at which nobody listens, on no address. This process gives it to nobody else for a hundred times. */
export function freePort(): Promise<number> {
  return freePorts(1);
}

/** The first of `count` neighbouring ports, each of them like `freePort()`. */
export async function freePorts(count: number): Promise<number> {
  for (let tried = 0; tried < sliceSize; tried += count) {
    if (next + count > sliceSize) next = 0;
    const port = slice + next;
    next += count;
    if (await areFree(port, count)) return port;
  }
  throw new Error(`there are no ${count} free ports side by side from ${slice} to ${slice + sliceSize - 1}`);
}

/** Whether nobody listens at any of `count` neighbouring ports. */
export async function areFree(port: number, count: number): Promise<boolean> {
  const listening = (await Promise.all(Array.from({ length: count }, (_, index) => listenAt(port + index)))).filter(
    (server) => server !== undefined,
  );
  await Promise.all(listening.map((server) => once(server.close(), 'close')));
  return listening.length === count;
}

/** Without a host, so on every address: a server at any of them is in the way. */
function listenAt(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, () => resolve(server));
  });
}
