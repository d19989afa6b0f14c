import { appHost } from './bench-files.ts';
import type { LoadOrder } from './load/load.ts';

/** One way of asking that all candidates are measured with. */
export interface Scenario {
  readonly id: string;
  /** For tables. */
  readonly title: string;
  readonly protocol: LoadOrder['protocol'];
  readonly connections: number;
  readonly streams: number;
}

export const scenarios: readonly Scenario[] = [
  { id: 'http1', title: 'HTTP/1.1, 32 connections kept open', protocol: 'http/1.1', connections: 32, streams: 1 },
  { id: 'http2', title: 'HTTP/2, 16 connections × 8 streams', protocol: 'h2', connections: 16, streams: 8 },
];

/** The requests of a scenario. Every candidate gets the same bytes, the cookie of the person who is signed in included. */
export function orderFor({ protocol, connections, streams }: Scenario, to: { port: number; cookie: string; requests: number }): LoadOrder {
  const headers = { accept: 'text/html', 'accept-language': 'en', cookie: to.cookie };
  const { port, requests } = to;
  return { port, host: appHost, path: '/reports/2031/summary?page=2', headers, protocol, connections, streams, requests };
}
