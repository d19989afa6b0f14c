import { inboundOf } from '../test/upstream/example-request.ts';
import type { Pki } from '../test/walk/pki.ts';
import { makePki } from '../test/walk/pki.ts';
import { snapshotOf } from '../test/walk/program.ts';
import { admit } from '../src/admit.ts';
import type { WhoAsks } from '../src/ask-who.ts';
import type { Inbound } from '../src/http/inbound.ts';
import type { Person } from '../src/identity/person.ts';
import type { Snapshot } from '../src/snapshot.ts';
import type { MicroCase } from './micro.ts';
import type { RouteCounts } from './scenarios/made-up-routes.ts';
import { madeUpHost, madeUpPath, madeUpRoutes } from './scenarios/made-up-routes.ts';

const person: Person = {
  id: 'alice',
  email: 'alice@example.com',
  name: undefined,
  claims: new Map([['groups', ['admins']]]),
  sessionId: 's',
  expiresAt: Infinity,
};
const whoAsks: WhoAsks = { session: () => ({ kind: 'person', person }), binding: () => undefined, account: () => ({ kind: 'none' }) };

const few: RouteCounts = { hosts: 1, paths: 3, policies: 3 };
const many: RouteCounts = { hosts: 10, paths: 1_000, policies: 1_000 };

/**
 * The walk with few routes and with many. Requests for three of many show what the others cost them; those for a thousand in turn show what
 * it costs besides that nothing of one request is still in the caches of the CPU when the next of its kind comes.
 */
export async function routeCases(): Promise<readonly MicroCase[]> {
  const pki = await makePki();
  const [three, tenThousand] = [await madeUpSnapshot(few, pki), await madeUpSnapshot(many, pki)];
  return [
    admitCase('admit, 3 routes', three, requestsFor(few, 3)),
    admitCase('admit, 3 of 10,000 routes', tenThousand, requestsFor(many, 3)),
    admitCase('admit, 1,000 of 10,000 routes in turn', tenThousand, requestsFor(many, 1_000)),
  ];
}

function madeUpSnapshot(counts: RouteCounts, pki: Pki): Promise<Snapshot> {
  return snapshotOf(configuration + madeUpRoutes(counts, { upstreamPort: 9, generation: 0 }), { pki });
}

function requestsFor({ hosts, paths }: RouteCounts, different: number): readonly Inbound[] {
  return Array.from({ length: different }, (_, number) => {
    // Steps that have nothing in common with the counts, so that neighbours in time are none in the table.
    const host = madeUpHost((number * 7) % hosts);
    return inboundOf({ host, target: `${madeUpPath((number * 617) % paths)}reports/summary?page=2`, headers: ['Host', host] });
  });
}

function admitCase(name: string, snapshot: Snapshot, requests: readonly Inbound[]): MicroCase {
  let turn = 0;
  const run = (): unknown => admit(requests[turn++ % requests.length] ?? inboundOf(), snapshot, whoAsks);
  for (const inbound of requests) {
    const { kind } = admit(inbound, snapshot, whoAsks);
    if (kind !== 'forward') throw new Error(`the walk to ${inbound.authority.hostname}${inbound.path} ends with ${kind}`);
  }
  return { name, run };
}

const configuration = `
authenticate_service_url: https://auth.postern.test
idp_provider: oidc
idp_provider_url: https://idp.postern.test
idp_client_id: postern
idp_client_secret: secret
routes:
`;
