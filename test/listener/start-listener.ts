import type { Exchange, ReplySink } from '../../src/http/exchange.ts';
import { parseHostPattern } from '../../src/http/host-table.ts';
import { parseHostname } from '../../src/http/hostname.ts';
import type { InboundRules } from '../../src/http/inbound-rules.ts';
import type { UpgradeExchange } from '../../src/http/upgrade-exchange.ts';
import type { ConnectionLimits } from '../../src/listener/connection-gate.ts';
import type { HandshakeOutcome, ListenerHandlers } from '../../src/listener/listener-handlers.ts';
import type { ListenerLimits } from '../../src/listener/listener-limits.ts';
import type { Unserved } from '../../src/listener/listener-refusal.ts';
import type { ListenAddress } from '../../src/listener/listener-options.ts';
import type { Listener } from '../../src/listener/open-listener.ts';
import { openListener } from '../../src/listener/open-listener.ts';
import type { TlsGroups, TlsGroupsInput, TlsMode } from '../../src/listener/tls-groups.ts';
import { buildTlsGroups } from '../../src/listener/tls-groups.ts';
import type { TestAuthority, TestCertificate } from './make-certificates.ts';
import { makeAuthority, makeClient, makeServer } from './make-certificates.ts';

/** Two CAs, a client and a server certificate of each kind: made once for a test file. */
export interface TestPki {
  readonly a: TestAuthority;
  readonly b: TestAuthority;
  readonly alice: TestCertificate;
  readonly bob: TestCertificate;
  readonly server: TestCertificate;
  readonly fallback: TestCertificate;
}

export async function makePki(): Promise<TestPki> {
  const [a, b] = await Promise.all([makeAuthority('CA A'), makeAuthority('CA B')]);
  const [alice, bob, server, fallback] = await Promise.all([
    makeClient('alice', a),
    makeClient('bob', b),
    makeServer(['*.test'], a),
    makeServer(['fallback.invalid'], a),
  ]);
  return { a, b, alice, bob, server, fallback };
}

export type HostSpec = readonly [from: string, mode: TlsMode, ...anchors: readonly TestAuthority[]];

export type HandshakeRules = Pick<TlsGroupsInput, 'sendCaNames' | 'allowPartialChain'>;

const usualRules: HandshakeRules = { sendCaNames: true, allowPartialChain: true };

export function makeGroups(
  pki: TestPki,
  hosts: readonly HostSpec[],
  plainHosts: readonly string[] = [],
  rules: Partial<HandshakeRules> = {},
): TlsGroups {
  const result = buildTlsGroups({
    hosts: hosts.map(([from, mode, ...anchors]) => {
      const [host = '', port] = from.split(':');
      return {
        host: known(parseHostPattern(host)),
        port: port === undefined ? undefined : Number(port),
        mode,
        anchors: anchors.map(({ certificatePem }) => certificatePem),
      };
    }),
    certificates: [{ ...pki.server, label: 'server' }],
    plainHosts: plainHosts.map((host) => known(parseHostname(host))),
    fallback: pki.fallback,
    ...usualRules,
    ...rules,
  });
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.groups;
}

export interface TestListener extends AsyncDisposable {
  readonly listener: Listener;
  readonly port: number;
  readonly redirectPort: number;
  readonly outcomes: HandshakeOutcome[];
  readonly refusals: Unserved[];
  readonly broken: string[];
  /** The paths of what was cut. */
  readonly overdue: string[];
  readonly faults: unknown[];
  readonly counts: number[];
  /** Reason and address of those that were too many. */
  readonly refused: string[];
  /** Why HTTP/2 connections were ended. */
  readonly cut: string[];
}

export interface TestListenerOptions {
  readonly groups: TlsGroups | (() => TlsGroups);
  readonly limits?: Partial<ListenerLimits>;
  readonly onRequest?: (exchange: Exchange) => void | Promise<void>;
  readonly onUpgrade?: (upgrade: UpgradeExchange) => void;
  readonly judgeHandshake?: ListenerHandlers['judgeHandshake'];
  readonly onHandshake?: ListenerHandlers['onHandshake'];
  /** Beside the listener's own address one that redirects, on a free port. */
  readonly redirects?: boolean;
  readonly insecure?: boolean;
  readonly proxyProtocol?: boolean;
  readonly inboundRules?: () => InboundRules;
  readonly addresses?: readonly ListenAddress[];
  readonly connectionLimits?: () => ConnectionLimits;
  readonly maxDescriptors?: number;
}

/** A listener on a free port of the loopback that records what it is told. Without `onRequest` it answers with what it saw. */
export async function startListener(options: TestListenerOptions): Promise<TestListener> {
  const { groups, limits } = options;
  const records = { outcomes: [], refusals: [], broken: [], overdue: [], faults: [], counts: [], refused: [], cut: [] } as Pick<
    TestListener,
    'outcomes' | 'refusals' | 'broken' | 'overdue' | 'faults' | 'counts' | 'refused' | 'cut'
  >;
  const listener = await openListener({
    addresses: options.addresses ?? [{ host: '127.0.0.1', port: 0 }],
    insecure: options.insecure,
    proxyProtocol: options.proxyProtocol,
    redirectAddress: options.redirects === true ? { host: '127.0.0.1', port: 0 } : undefined,
    inboundRules: options.inboundRules,
    groups: typeof groups === 'function' ? groups : () => groups,
    limits,
    connectionLimits: options.connectionLimits,
    maxDescriptors: options.maxDescriptors,
    now: () => 1_000,
    newId: () => 'the-id',
    handlers: {
      onRequest(exchange) {
        void (options.onRequest ?? answerWithWhatWasSeen)(exchange);
      },
      onRefusal(refusal, sink) {
        records.refusals.push(refusal);
        const headers = refusal.kind === 'redirected' ? ['Location', refusal.location] : ['Content-Type', 'text/plain'];
        sink.send({ status: refusal.status, headers, body: refusal.reason });
      },
      onUpgrade: options.onUpgrade ?? ((upgrade) => upgrade.refuse({ status: 403, headers: [], body: 'no upgrade' })),
      onHandshake(outcome) {
        records.outcomes.push(outcome);
        options.onHandshake?.(outcome);
      },
      judgeHandshake: options.judgeHandshake ?? (() => undefined),
      onFault: (error) => records.faults.push(error),
      onBrokenRequest: (_, status, reason) => records.broken.push(`${status} ${reason}`),
      onOverdue: ({ path }) => records.overdue.push(path),
      onConnectionCount: (open) => records.counts.push(open),
      onConnectionRefused: (...refusal) => records.refused.push(refusal.join(' ')),
      onConnectionCut: (_, reason, detail) => records.cut.push(detail === undefined ? reason : `${reason}: ${detail}`),
    },
  });
  const port = listener.addresses[0]?.port ?? 0;
  const redirectPort = listener.redirectAddress?.port ?? 0;
  return { ...records, listener, port, redirectPort, [Symbol.asyncDispose]: () => listener.close() };
}

function answerWithWhatWasSeen({ inbound, sink }: Exchange): void {
  sendText(sink, `${inbound.method} ${inbound.authority.hostname}${inbound.path}${inbound.query}`);
}

export function sendText(sink: ReplySink, body: string, status = 200): void {
  sink.send({ status, headers: ['Content-Type', 'text/plain'], body });
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The test names a host that does not parse');
  return value;
}
