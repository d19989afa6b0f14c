import { factsOf } from '../admit.ts';
import type { Trace } from '../trace.ts';
import type { Connection } from '../http/connection.ts';
import type { Inbound } from '../http/inbound.ts';
import { traceDecision } from '../policy/decide.ts';
import type { RouteOutcome } from '../route/explain-routes.ts';
import { explainRoutes } from '../route/explain-routes.ts';
import type { Snapshot } from '../snapshot.ts';
import type { TraceLine } from './explanation.ts';

const losses: Readonly<Record<RouteOutcome, string>> = {
  matched: 'matches',
  host: 'another host',
  hidden: 'another route names this very host',
  port: 'another port',
  path: 'another path',
  later: 'a route before it matches',
};

/** The walk as lines to read: the handshake, every route and why it lost, the certificate, the person, each criterion, the decision. */
export function traceLines(walked: {
  /** The one that the request came over, which a proxy in front may have opened. */
  readonly connection: Connection;
  readonly snapshot: Snapshot;
  readonly trace: Trace;
  readonly handshakeRefusal: string | undefined;
}): readonly TraceLine[] {
  const { connection, snapshot, trace } = walked;
  const { visitor: inbound } = trace;
  return [
    handshakeLine(connection, walked.handshakeRefusal),
    ...(trace.endpoint === undefined ? routeLines(inbound, snapshot) : []),
    ...(trace.route === undefined && trace.endpoint?.usesCertificate !== true ? [] : certificateLines(trace)),
    ...mappingLines(trace),
    ...(trace.route === undefined && trace.endpoint === undefined ? [] : [personLine(trace)]),
    ...criterionLines(inbound, trace),
    {
      step: 'decision',
      subject: trace.endpoint?.name ?? trace.route?.label ?? '',
      outcome: trace.decision,
      detail: trace.reasons.join(', ') || null,
    },
  ];
}

/** What the TLS layer does with the name in the handshake; the request may be for another host. */
export function handshakeLine({ scheme, sniRaw, asked }: Connection, refusal: string | undefined): TraceLine {
  if (scheme === 'http') return { step: 'handshake', subject: '(no TLS)', outcome: 'accepted', detail: 'nothing is asked without TLS' };
  const outcome = refusal === undefined ? 'accepted' : 'refused';
  const detail = refusal ?? (asked ? 'a certificate is asked for' : 'no certificate is asked for');
  return { step: 'handshake', subject: sniRaw ?? '(no SNI)', outcome, detail };
}

function routeLines(inbound: Inbound, snapshot: Snapshot): readonly TraceLine[] {
  return explainRoutes(snapshot.routes, inbound.authority, inbound.path).map(({ value, outcome }) => ({
    step: 'route',
    subject: value.label,
    outcome: outcome === 'matched' ? 'matched' : 'lost',
    detail: losses[outcome],
  }));
}

function certificateLines({ certificate }: Trace): readonly TraceLine[] {
  if (certificate === undefined || certificate.kind === 'no-authority') return [];
  const leaf = certificate.kind === 'none' ? undefined : certificate.leaf;
  const subject = leaf === undefined ? '(none)' : leaf.subject;
  const detail = certificate.kind === 'invalid' ? `${certificate.detail}: ${certificate.explanation}` : (leaf?.fingerprint ?? null);
  return [{ step: 'certificate', subject, outcome: certificate.kind, detail }];
}

function mappingLines({ mapping }: Trace): readonly TraceLine[] {
  switch (mapping?.kind) {
    case 'mapped': {
      const { rule, user, email } = mapping.identity;
      return [{ step: 'identity', subject: rule, outcome: 'mapped', detail: email === undefined ? user : `${email} (${user})` }];
    }
    case 'not-mapped':
      return [{ step: 'identity', subject: '', outcome: 'not mapped', detail: `${mapping.detail}: ${mapping.explanation}` }];
    case 'loading':
    case undefined:
      return [];
  }
}

function personLine({ person }: Trace): TraceLine {
  if (person === undefined) return { step: 'person', subject: '', outcome: 'nobody', detail: null };
  const groups = person.claims.get('groups');
  return {
    step: 'person',
    subject: person.email ?? person.id,
    outcome: 'signed in',
    detail: groups === undefined ? null : `groups: ${groups.join(', ')}`,
  };
}

function criterionLines(inbound: Inbound, { route, person, certificate }: Trace): readonly TraceLine[] {
  if (route === undefined || certificate === undefined) return [];
  return traceDecision(route.policy, factsOf(inbound, person, certificate)).map((criterion) => ({
    step: criterion.action,
    subject:
      criterion.data === undefined || criterion.data === null
        ? criterion.criterion
        : `${criterion.criterion}: ${JSON.stringify(criterion.data)}`,
    outcome: String(criterion.result),
    detail: criterion.reasons.join(', ') || null,
    operator: criterion.operator,
    found: criterion.found ?? null,
    decisive: criterion.decisive,
  }));
}
