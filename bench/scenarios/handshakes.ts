import { machinesHost } from '../bench-files.ts';
import type { Candidate } from '../candidates/candidate.ts';
import type { Stage } from '../stage.ts';
import { askedContestant, requestColumns } from './asked-contestant.ts';
import { pageOrder } from './requests.ts';
import type { Scenario } from './scenario.ts';

const columns = [
  { ...requestColumns.cpu, title: 'CPU µs per connection' },
  { ...requestColumns.rate, title: 'connections/s' },
  requestColumns.busy,
  requestColumns.memory,
];
const ratio = { of: requestColumns.cpu.key, to: 'nginx' };
const shape = { protocol: 'http/1.1', connections: 32, streams: 1, freshConnections: true } as const;

function requestsOf({ quick }: Stage): number {
  return quick ? 1_000 : 4_000;
}

/** A TLS connection for each request, with a full handshake; nobody resumes a session. */
export const handshakeScenarios: readonly Scenario[] = [
  {
    id: 'handshake',
    title: 'A new TLS connection for each request',
    about:
      'TLS 1.3, P-256 keys, no resumption: 200 connections at a time, one request on each. The private key of the server is used once for each, which nobody can save.',
    columns,
    ratio,
    isForAnyCommit: true,
    enter: async (stage) =>
      stage
        .candidatesFor('handshake')
        .map((candidate) => askedContestant(candidate, { stage, requests: requestsOf(stage), order: pageOrder(stage, candidate, shape) })),
  },
  {
    id: 'handshake-certificate',
    title: 'A new TLS connection with a client certificate for each request',
    about:
      'The same at a host with a client CA, where nginx verifies (`ssl_verify_client on`) and Postern verifies, judges and binds. The clients are our own and cost more than the proxy: it waits for them ("core busy"), so only its CPU time counts, not the rate.',
    columns,
    ratio,
    isForAnyCommit: true,
    async enter(stage) {
      const cookies = new Map<Candidate, string>();
      for (const postern of stage.posterns) cookies.set(postern, await postern.signInAt(machinesHost));
      const [first = ''] = cookies.values();
      return stage.candidatesFor('handshake-certificate').map((candidate) => {
        const page = pageOrder(stage, candidate, shape);
        const headers = { ...page.headers, cookie: cookies.get(candidate) ?? first };
        const order = { ...page, host: machinesHost, headers, client: stage.files.client };
        return askedContestant(candidate, { stage, requests: requestsOf(stage), order });
      });
    },
  },
];
