import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import { connect as connectTls } from 'node:tls';
import { quantile } from '../statistics.ts';
import type { LoadOrder, LoadResult } from './load.ts';

// A load generator for what h2load can't do: `node bench/load/own-client.ts ORDER`, the order and the result as JSON.

/** Resolves with the status, once the answer is complete. */
type Ask = (path: string, headers: Readonly<Record<string, string>>) => Promise<number>;

interface Client {
  readonly ask: Ask;
  readonly close: () => void;
}

const order = JSON.parse(process.argv[2] ?? '') as LoadOrder;
if (order.bodyFile !== undefined) throw new Error('no body can be ordered here');
const cookies = order.cookieFile === undefined ? [] : readFileSync(order.cookieFile, 'latin1').trimEnd().split('\n');
const shown =
  order.client === undefined
    ? {}
    : { cert: readFileSync(order.client.certificate, 'latin1'), key: readFileSync(order.client.key, 'latin1') };
process.stdout.write(JSON.stringify(await run(order)));

async function run({ requests, connections, streams, protocol, expect = 200, except }: LoadOrder): Promise<LoadResult> {
  const times = new Float64Array(requests);
  let begun = 0;
  let exceptions = 0;
  const clients = Array.from({ length: connections }, () => (protocol === 'h2' ? http2Client(order) : http1Client(order)));
  const started = performance.now();
  const worker = async (ask: Ask): Promise<void> => {
    for (let turn = begun++; turn < requests; turn = begun++) {
      const from = performance.now();
      const status = await ask(pathAt(turn), headersAt(turn));
      if (except?.includes(status) === true) exceptions += 1;
      else if (status !== expect) throw new Error(`a request was answered with ${status} instead of ${expect}`);
      times[turn] = performance.now() - from;
    }
  };
  await Promise.all(clients.flatMap(({ ask }) => Array.from({ length: streams }, () => worker(ask))));
  const seconds = (performance.now() - started) / 1000;
  for (const { close } of clients) close();
  times.sort();
  const [p50, p99, p999] = [quantile(times, 0.5), quantile(times, 0.99), quantile(times, 0.999)];
  return { requestsPerSecond: requests / seconds, p50, p99, p999, ...(except === undefined ? {} : { exceptions }) };
}

function pathAt(turn: number): string {
  return order.paths[turn % order.paths.length] ?? '/';
}

function headersAt(turn: number): Readonly<Record<string, string>> {
  const cookie = cookies[turn % cookies.length];
  return cookie === undefined ? order.headers : { ...order.headers, cookie };
}

function http1Client({ port, host, freshConnections = false }: LoadOrder): Client {
  // An agent remembers TLS sessions; none, and every handshake is a full one.
  const agent = new Agent({ keepAlive: !freshConnections, maxSockets: 1, maxCachedSessions: 0 });
  const to = { host: '127.0.0.1', port, servername: host, rejectUnauthorized: false, agent, ...shown };
  const ask: Ask = (path, headers) =>
    new Promise((resolve, reject) => {
      const request = httpsRequest({ ...to, path, headers: { ...headers, host: `${host}:${port}` } }, (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
        response.once('error', reject);
      });
      request.once('error', reject);
      request.end();
    });
  return { ask, close: () => agent.destroy() };
}

function http2Client({ port, host }: LoadOrder): Client {
  const authority = `${host}:${port}`;
  const session = connect(`https://${authority}`, {
    createConnection: () =>
      connectTls({ host: '127.0.0.1', port, servername: host, ALPNProtocols: ['h2'], rejectUnauthorized: false, ...shown }),
  });
  const ask: Ask = (path, headers) =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ...headers, ':path': path, ':authority': authority });
      let status = 0;
      stream.once('response', (answer) => {
        status = Number(answer[':status']);
      });
      stream.resume();
      stream.once('end', () => resolve(status));
      stream.once('error', reject);
    });
  return { ask, close: () => session.destroy() };
}
