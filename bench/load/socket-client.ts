import { dial } from '../../test/walk/web-socket.ts';
import type { Socket } from '../../test/walk/web-socket.ts';
import { quantile } from '../statistics.ts';
import type { SocketOrder, SocketResult } from './socket-order.ts';

// WebSockets that send a message, wait for its echo, and send the next: `node bench/load/socket-client.ts ORDER`, the order and the result as JSON.

const order = JSON.parse(process.argv[2] ?? '') as SocketOrder;
process.stdout.write(JSON.stringify(await run(order)));
process.exit();

async function run({ connections, echoes }: SocketOrder): Promise<SocketResult> {
  const sockets = await Promise.all(Array.from({ length: connections }, open));
  const times = new Float64Array(echoes);
  const started = performance.now();
  let begun = 0;
  await Promise.all(sockets.map((socket) => converse(socket, () => begun++, times)));
  const seconds = (performance.now() - started) / 1000;
  times.sort();
  return { echoesPerSecond: echoes / seconds, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

async function open(): Promise<Socket> {
  const { port, host, cookie, serverCa } = order;
  const house = { port, pki: { serverCa: { certificatePem: serverCa } } };
  const dialled = await dial(house, host, { headers: { cookie, origin: `https://${host}:${port}` } });
  if (dialled.kind === 'refused') throw new Error(`a WebSocket was answered with ${dialled.status}`);
  return dialled.socket;
}

function converse(socket: Socket, nextTurn: () => number, times: Float64Array): Promise<void> {
  const message = Buffer.alloc(order.bytes, 'x');
  let turn = nextTurn();
  let from = 0;
  return new Promise((resolve, reject) => {
    const send = (): void => {
      if (turn >= times.length) return resolve();
      from = performance.now();
      socket.send(message);
    };
    socket.on('message', (echo) => {
      if (echo.length !== message.length) return reject(new Error('an echo is not what was sent'));
      times[turn] = performance.now() - from;
      turn = nextTurn();
      send();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('a WebSocket was closed')));
    send();
  });
}
