import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { quantile } from '../statistics.ts';
import type { LoadGenerator, LoadOrder, LoadResult } from './load.ts';
import { runLoadProgram } from './load.ts';

/** nghttp2's load generator: far cheaper than what it measures, and the same for HTTP/1.1 and HTTP/2. */
export function createH2load(version: string, directory: string): LoadGenerator {
  const logFile = join(directory, 'requests.tsv');
  return { name: `h2load ${version}`, run };

  async function run(order: LoadOrder): Promise<LoadResult> {
    // It appends.
    await rm(logFile, { force: true });
    const printed = await runLoadProgram('h2load', argumentsFor(order, logFile));
    const requestsPerSecond = Number(/finished in [^,]+, ([\d.]+) req\/s/.exec(printed)?.[1]);
    const succeeded = Number(/status codes: (\d+) 2xx/.exec(printed)?.[1]);
    if (succeeded !== order.requests || Number.isNaN(requestsPerSecond))
      throw new Error(`Only ${succeeded} of ${order.requests} requests were answered with 200:\n${printed}`);
    const times = await readTimes(logFile);
    return { requestsPerSecond, p50: quantile(times, 0.5), p99: quantile(times, 0.99), p999: quantile(times, 0.999) };
  }
}

function argumentsFor(order: LoadOrder, logFile: string): readonly string[] {
  return [
    ...(order.protocol === 'http/1.1' ? ['--h1'] : ['--npn-list=h2']),
    `--clients=${order.connections}`,
    `--max-concurrent-streams=${order.streams}`,
    `--requests=${order.requests}`,
    '--threads=1',
    `--connect-to=127.0.0.1:${order.port}`,
    `--log-file=${logFile}`,
    ...Object.entries(order.headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
    `https://${order.host}:${order.port}${order.path}`,
  ];
}

/** Milliseconds of each request, sorted. Its lines: start, status, microseconds. */
async function readTimes(file: string): Promise<Float64Array> {
  const lines = (await readFile(file, 'latin1')).trimEnd().split('\n');
  return Float64Array.from(lines, (line) => Number(line.split('\t')[2]) / 1000).toSorted();
}
