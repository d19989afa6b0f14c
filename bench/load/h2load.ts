import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { quantile } from '../statistics.ts';
import type { LoadGenerator, LoadOrder, LoadResult } from './load.ts';
import { runLoadProgram } from './load.ts';
import { ownLoad } from './own-load.ts';

interface Files {
  readonly log: string;
  readonly uris: string;
}

// Of connections that are opened at once, where each carries one request: more would meet the bounds of a proxy, fewer its pauses.
const batch = 200;

/** nghttp2's load generator: far cheaper than what it measures, and the same for HTTP/1.1 and HTTP/2. Own clients where it can't do what is ordered. */
export function createH2load(version: string, directory: string): LoadGenerator {
  const files = { log: join(directory, 'requests.tsv'), uris: join(directory, 'uris.txt') };
  return { name: `h2load ${version}`, run };

  async function run(order: LoadOrder): Promise<LoadResult> {
    if (order.client !== undefined || order.cookieFile !== undefined) return ownLoad.run(order);
    await writeFile(files.uris, order.paths.map((path) => `https://${order.host}:${order.port}${path}\n`).join(''));
    // It appends.
    await rm(files.log, { force: true });
    const seconds = order.freshConnections === true ? await runInBatches(order) : await runOnce(order, order.requests);
    const times = await readTimes(files.log);
    return {
      requestsPerSecond: order.requests / seconds,
      p50: quantile(times, 0.5),
      p99: quantile(times, 0.99),
      p999: quantile(times, 0.999),
    };
  }

  /** With as many connections as requests, each request gets one of its own. */
  async function runInBatches(order: LoadOrder): Promise<number> {
    let seconds = 0;
    for (let left = order.requests; left > 0; left -= batch) {
      const connections = Math.min(batch, left);
      seconds += await runOnce({ ...order, connections }, connections);
    }
    return seconds;
  }

  /** How long it took. */
  async function runOnce(order: LoadOrder, requests: number): Promise<number> {
    const printed = await runLoadProgram('h2load', argumentsFor(order, requests, files), order.place);
    const perSecond = Number(/finished in [^,]+, ([\d.]+) req\/s/.exec(printed)?.[1]);
    const { expect = 200 } = order;
    const answered = Number(new RegExp(`status codes: .*?(\\d+) ${Math.floor(expect / 100)}xx`).exec(printed)?.[1]);
    if (answered !== requests || Number.isNaN(perSecond))
      throw new Error(
        `${answered} of ${requests} requests to ${order.host} were answered with ${expect}; h2load says ${statusesIn(printed)}`,
      );
    return requests / perSecond;
  }
}

function statusesIn(printed: string): string {
  const lines = /^requests: .*$|^status codes: .*$/gm;
  return printed.match(lines)?.join('; ') ?? printed.slice(-500);
}

function argumentsFor(order: LoadOrder, requests: number, files: Files): readonly string[] {
  const { protocol, connections, streams, port, headers, bodyFile } = order;
  return [
    ...(protocol === 'http/1.1' ? ['--h1'] : ['--npn-list=h2']),
    `--clients=${connections}`,
    `--max-concurrent-streams=${streams}`,
    `--requests=${requests}`,
    ...(bodyFile === undefined ? [] : [`--data=${bodyFile}`]),
    '--threads=1',
    `--connect-to=127.0.0.1:${port}`,
    `--log-file=${files.log}`,
    ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
    `--input-file=${files.uris}`,
  ];
}

/** Milliseconds of each request, sorted. Its lines: start, status, microseconds. */
async function readTimes(file: string): Promise<Float64Array> {
  const lines = (await readFile(file, 'latin1')).trimEnd().split('\n');
  return Float64Array.from(lines, (line) => Number(line.split('\t')[2]) / 1000).toSorted();
}
