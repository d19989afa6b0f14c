import { appHost } from '../bench-files.ts';
import type { Candidate } from '../candidates/candidate.ts';
import type { Stage } from '../stage.ts';
import type { OrderOf } from './asked-contestant.ts';
import { askedContestant, requestColumns } from './asked-contestant.ts';
import type { Scenario } from './scenario.ts';

const { cpu, rate, p50, p99, p999, memory } = requestColumns;

/** A person who is signed in asks for a small page, over connections that stay open. */
export const requestScenarios: readonly Scenario[] = [
  scenario({
    id: 'http1',
    title: 'HTTP/1.1, 32 connections kept open',
    shape: { protocol: 'http/1.1', connections: 32, streams: 1 },
    about:
      'What limits it is the proxy, whose core is busy throughout: most of its time goes to system calls, one to read and one to write on either side.',
  }),
  scenario({
    id: 'http2',
    title: 'HTTP/2, 16 connections × 8 streams',
    shape: { protocol: 'h2', connections: 16, streams: 8 },
    about:
      'Streams share system calls, and what is saved so is spent on framing and header compression. The core of the proxy limits it; for nginx it can be that of the load.',
  }),
];

type Shape = Pick<OrderOf, 'protocol' | 'connections' | 'streams' | 'freshConnections'>;

function scenario({ id, title, about, shape }: Pick<Scenario, 'id' | 'title' | 'about'> & { shape: Shape }): Scenario {
  return {
    id,
    title,
    about,
    columns: [cpu, rate, p50, p99, p999, memory],
    ratio: { of: cpu.key, to: 'nginx' },
    isForAnyCommit: true,
    enter: async (stage) =>
      stage.candidatesFor(id).map((candidate) => askedContestant(candidate, { stage, order: pageOrder(stage, candidate, shape) })),
  };
}

/** The usual page, asked for by somebody who is signed in. Every candidate gets the same bytes, but for a cookie of its own. */
export function pageOrder({ posterns }: Stage, candidate: Candidate, shape: Shape): OrderOf {
  const cookie = candidate.cookie ?? posterns[0]?.cookie ?? '';
  return { ...shape, port: candidate.port, host: appHost, paths: [pagePath], headers: { ...pageHeaders, cookie } };
}

export const pagePath = '/reports/2031/summary?page=2';

export const pageHeaders: Readonly<Record<string, string>> = { accept: 'text/html', 'accept-language': 'en' };
