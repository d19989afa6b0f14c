import type { CertificateMapping } from './certificate/certificate-mapping.ts';
import type { CertificateVerdict } from './certificate/verdict.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
import type { Inbound } from './http/inbound.ts';
import type { Person } from './identity/person.ts';
import type { Decision, Reason } from './policy/decision.ts';
import type { Route } from './snapshot.ts';

export type DecisionName = 'allow' | 'sign-in' | 'deny' | 'not-found' | 'misdirected' | 'bad-request' | 'own';

/** What the walk saw, for the log, `explain` and the pages: one and the same everywhere. */
export interface Trace {
  readonly decision: DecisionName;
  readonly reasons: readonly Reason[];
  readonly route: Route | undefined;
  readonly endpoint: Endpoint | undefined;
  readonly certificate: CertificateVerdict | undefined;
  readonly person: Person | undefined;
  /** What the rules made of a valid certificate; undefined where the route does not look. */
  readonly mapping: CertificateMapping | undefined;
  /** The request as it was judged: over the visitor's own connection, where a proxy in front is believed about it. */
  readonly visitor: Inbound;
  /** Both sides of the policy; undefined where no policy was asked. */
  readonly policy: Decision | undefined;
}
