import { connect } from 'node:tls';
import { median, quantile } from '../statistics.ts';
import type { PacedOrder, PacedResult } from './paced-load.ts';

// Requests at a rate, over connections that are open before the first: `node bench/load/paced-client.ts ORDER`, the order and the result as JSON.
//
// They come as people's do, each at a time of its own (exponential gaps, the same for every candidate), and one that finds all
// connections taken waits with its clock running. Clients that each keep a rhythm would fall into step after any stall, and measure
// from then on how long all of them take together.

/** What is sent in it is not counted: caches fill, compilers compile. */
const settlingMs = 1_000;
/** A tick that comes later is the fault of the load, which waits as long with what is due instead of sending a heap of it at once. */
const lateMs = 5;
const sliceMs = 500;
const headEnd = '\r\n\r\n';

interface Client {
  /** Of the request under way. */
  turn: number;
  send(): void;
  close(): void;
}

const order = JSON.parse(process.argv[2] ?? '') as PacedOrder;
process.stdout.write(JSON.stringify(await run(order)));
process.exit();

async function run({ requests, connections, perSecond }: PacedOrder): Promise<PacedResult> {
  const due = dueTimes(requests, perSecond);
  const asked = new Float64Array(requests);
  const times = new Float64Array(requests);
  const free: Client[] = [];
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  let answered = 0;
  let sent = 0;
  let arrived = 0;

  const sendNext = (client: Client): void => {
    client.turn = sent;
    sent += 1;
    client.send();
  };
  const onAnswer = (client: Client): void => {
    times[client.turn] = performance.now() - (asked[client.turn] ?? 0);
    answered += 1;
    if (sent < arrived) sendNext(client);
    else free.push(client);
    if (answered === requests) resolve();
  };
  for (let turn = 0; turn < connections; turn += 1) free.push(await openClient(onAnswer, reject));

  const clients = [...free];
  const started = performance.now();
  let heldUp = 0;
  let last = started;
  const tick = setInterval(() => {
    const now = performance.now();
    if (now - last > lateMs) heldUp += now - last;
    last = now;
    const elapsed = now - started - heldUp;
    while (arrived < requests && (due[arrived] ?? 0) <= elapsed) {
      asked[arrived] = now;
      arrived += 1;
      const client = free.shift();
      if (client !== undefined) sendNext(client);
    }
  }, 1);
  await done;
  clearInterval(tick);
  const seconds = (performance.now() - started) / 1000;
  for (const client of clients) client.close();
  const slices: Float64Array[] = [];
  for (let from = settlingMs; from < (due[requests - 1] ?? 0); from += sliceMs) slices.push(timesBetween(from, from + sliceMs));
  const counted = timesBetween(settlingMs, Infinity);
  return {
    requestsPerSecond: requests / seconds,
    p50: quantile(counted, 0.5),
    p99: quantile(counted, 0.99),
    p999: quantile(counted, 0.999),
    p99OfHalfSecond: median(slices.map((slice) => quantile(slice, 0.99))),
  };

  /** Sorted, of what was due in that time. */
  function timesBetween(from: number, to: number): Float64Array {
    return times.filter((_, turn) => (due[turn] ?? 0) >= from && (due[turn] ?? 0) < to).toSorted();
  }
}

/** Milliseconds from the start, one for each request. */
function dueTimes(requests: number, perSecond: number): Float64Array {
  const random = pseudoRandom();
  let at = 0;
  return Float64Array.from({ length: requests }, () => (at -= (Math.log(1 - random()) * 1000) / perSecond));
}

/** Numbers from 0 to 1, always the same ones (Mulberry32), so that each candidate meets the same crowd. */
function pseudoRandom(): () => number {
  let state = 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One connection with one request under way. It reads no more of an answer than its status and how long it is: it has to cost less than any proxy. */
function openClient(onAnswer: (client: Client) => void, fail: (problem: Error) => void): Promise<Client> {
  const { port, host, headers, paths, expect = 200 } = order;
  const lines = Object.entries({ host: `${host}:${port}`, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = Buffer.from(`GET ${paths[0] ?? '/'} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
  const socket = connect({ host: '127.0.0.1', port, servername: host, rejectUnauthorized: false });
  socket.setNoDelay(true);
  const client: Client = {
    turn: 0,
    send() {
      socket.write(request);
    },
    close() {
      socket.removeAllListeners('close').destroy();
    },
  };
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    const end = received.indexOf(headEnd);
    if (end === -1) return;
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(received)?.[1]);
    if (!received.startsWith(`HTTP/1.1 ${expect} `) || Number.isNaN(length))
      return fail(new Error(`a request was answered with ${received.slice(0, end)}`));
    if (received.length < end + headEnd.length + length) return;
    received = '';
    onAnswer(client);
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('a connection was closed')));
  return new Promise((resolve) => socket.once('secureConnect', () => resolve(client)));
}
