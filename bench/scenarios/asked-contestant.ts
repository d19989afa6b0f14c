import { candidateCost } from '../candidate-cost.ts';
import type { Candidate } from '../candidates/candidate.ts';
import type { LoadOrder, LoadResult } from '../load/load.ts';
import type { Stage } from '../stage.ts';
import type { Column, Contestant, Figures } from './scenario.ts';

export type OrderOf = Omit<LoadOrder, 'requests'>;

export interface AskedOptions {
  readonly stage: Stage;
  readonly order: OrderOf;
  /** Of each measurement, and of the warm-up; left out: as many as fit the time. */
  readonly requests?: number;
}

type RequestColumn = 'cpu' | 'rate' | 'p50' | 'p99' | 'p999' | 'memory' | 'busy';

/** Of `measureLoad`; scenarios show those that mean something in them. */
export const requestColumns: Readonly<Record<RequestColumn, Column>> = {
  cpu: { key: 'cpuMicroseconds', title: 'CPU µs per request', digits: 1 },
  rate: { key: 'requestsPerSecond', title: 'requests/s', digits: 0 },
  p50: { key: 'p50', title: 'p50 ms', digits: 2 },
  p99: { key: 'p99', title: 'p99 ms', digits: 2 },
  p999: { key: 'p999', title: 'p99.9 ms', digits: 2 },
  memory: { key: 'memoryMib', title: 'memory MiB', digits: 0 },
  busy: { key: 'busyPercent', title: 'core busy %', digits: 0 },
};

const fewestRequests = 2_000;

/** A proxy that is asked one thing over and over, kept as busy as the load can. */
export function askedContestant(candidate: Candidate, { stage, order, requests }: AskedOptions): Contestant {
  const { load, seconds, warmUpRequests } = stage;
  let size = requests ?? fewestRequests;
  return {
    name: candidate.name,
    async warmUp() {
      if (requests !== undefined) return void (await load.run({ ...order, requests }));
      await load.run({ ...order, requests: warmUpRequests });
      const { requestsPerSecond } = await load.run({ ...order, requests: fewestRequests });
      size = Math.max(fewestRequests, Math.round(requestsPerSecond * seconds));
    },
    measure: () => measureLoad(candidate, { ...order, requests: size }, (sized) => load.run(sized)),
  };
}

/** What the requests of one order came to, and what they cost the candidate. */
export async function measureLoad<Order extends LoadOrder>(
  candidate: Pick<Candidate, 'pid' | 'alsoPids'>,
  order: Order,
  run: (order: Order) => Promise<LoadResult>,
): Promise<Figures> {
  const before = candidateCost(candidate);
  const result = await run(order);
  const after = candidateCost(candidate);
  const cpuMs = after.cpuMs - before.cpuMs;
  return {
    requests: order.requests,
    cpuMicroseconds: (cpuMs * 1000) / order.requests,
    busyPercent: (100 * cpuMs * result.requestsPerSecond) / (order.requests * 1000),
    memoryMib: after.memoryMib,
    ...result,
  };
}
