import type { LoadOrder, LoadResult } from './load.ts';
import { runOwnClient } from './load.ts';

/** HTTP/1.1 without bodies, the first of the paths. */
export interface PacedOrder extends LoadOrder {
  /** So many requests in a second on average, all connections together, whatever the answers take. */
  readonly perSecond: number;
}

export interface PacedResult extends LoadResult {
  /** The p99 of each half second, and of those the median: a stall of the machine is in one of them, a habit of the proxy in all. */
  readonly p99OfHalfSecond: number;
}

/** Requests at a rate (paced-client.ts). The first second is not in the times. */
export async function runPaced(order: PacedOrder): Promise<PacedResult> {
  return (await runOwnClient('paced-client.ts', order, order.place)) as PacedResult;
}
