import { connect } from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import { connect as connectTls } from 'node:tls';
import { quantile } from '../statistics.ts';
import type { LoadOrder, LoadResult } from './load.ts';

// A load generator for machines without h2load: `node bench/load/own-client.ts ORDER`, the order and the result as JSON.

/** Resolves with the status, once the answer is complete. */
type Ask = () => Promise<number>;

const order = JSON.parse(process.argv[2] ?? '') as LoadOrder;
process.stdout.write(JSON.stringify(await run(order)));

async function run({ requests, connections, streams, protocol }: LoadOrder): Promise<LoadResult> {
  const times = new Float64Array(requests);
  let begun = 0;
  const clients = Array.from({ length: connections }, () => (protocol === 'h2' ? http2Client(order) : http1Client(order)));
  const started = performance.now();
  const worker = async (ask: Ask): Promise<void> => {
    for (let turn = begun++; turn < requests; turn = begun++) {
      const from = performance.now();
      const status = await ask();
      if (status !== 200) throw new Error(`a request was answered with ${status}`);
      times[turn] = performance.now() - from;
    }
  };
  await Promise.all(clients.flatMap(({ ask }) => Array.from({ length: streams }, () => worker(ask))));
  const seconds = (performance.now() - started) / 1000;
  for (const { close } of clients) close();
  times.sort();
  return { requestsPerSecond: requests / seconds, p50: quantile(times, 0.5), p99: quantile(times, 0.99), p999: quantile(times, 0.999) };
}

interface Client {
  readonly ask: Ask;
  readonly close: () => void;
}

function http1Client({ port, host, path, headers }: LoadOrder): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false, servername: host });
  const ask: Ask = () =>
    new Promise((resolve, reject) => {
      const request = httpsRequest(
        { host: '127.0.0.1', port, path, agent, headers: { ...headers, host: `${host}:${port}` } },
        (response) => {
          response.resume();
          response.once('end', () => resolve(response.statusCode ?? 0));
          response.once('error', reject);
        },
      );
      request.once('error', reject);
      request.end();
    });
  return { ask, close: () => agent.destroy() };
}

function http2Client({ port, host, path, headers }: LoadOrder): Client {
  const authority = `${host}:${port}`;
  const session = connect(`https://${authority}`, {
    createConnection: () => connectTls({ host: '127.0.0.1', port, servername: host, ALPNProtocols: ['h2'], rejectUnauthorized: false }),
  });
  const ask: Ask = () =>
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
