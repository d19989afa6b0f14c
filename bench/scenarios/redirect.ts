import type { Scenario } from './scenario.ts';
import { askedContestant, requestColumns } from './asked-contestant.ts';
import { pageHeaders, pageOrder } from './requests.ts';

const shape = { protocol: 'http/1.1', connections: 32, streams: 1 } as const;
const { cpu, rate, p50, p99, p999, memory } = requestColumns;

/** Somebody without a cookie is sent to sign in. */
export const redirect: Scenario = {
  id: 'redirect',
  title: 'The redirect to sign in',
  about:
    'Requests without a cookie: Postern signs a URL, makes a cookie that ties the sign-in to the browser, and asks no upstream. nginx knows no sign-in; it forwards the same request as always. The core of the proxy limits it.',
  columns: [cpu, rate, p50, p99, p999, memory],
  ratio: { of: cpu.key, to: 'nginx' },
  isForAnyCommit: true,
  enter: async (stage) =>
    stage.candidatesFor('redirect').map((candidate) => {
      const expect = candidate.name === 'nginx' ? 200 : 302;
      return askedContestant(candidate, { stage, order: { ...pageOrder(stage, candidate, shape), headers: pageHeaders, expect } });
    }),
};
