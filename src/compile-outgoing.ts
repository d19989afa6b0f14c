import { findPairFault } from './certificate/find-pair-fault.ts';
import { readRootBundle } from './certificate/root-bundle.ts';
import type { UpstreamTlsSettings } from './config/action-settings.ts';
import type { ErrorCode } from './config/problem-codes.ts';
import type { SettingPath } from './config/problem.ts';
import type { NamedText, RouteSettings, Settings } from './config/settings.ts';
import type { TrustedRoots, UpstreamTls } from './upstream/upstream-tls.ts';
import { plainTls, publicRoots } from './upstream/upstream-tls.ts';

export interface OutgoingProblem {
  readonly code: ErrorCode;
  readonly path: SettingPath;
  readonly message: string;
}

/** The TLS of every connection that Postern opens itself. Of no use while there are problems. */
export interface Outgoing {
  /** For the provider, and for upstreams without CAs of their own. */
  readonly roots: TrustedRoots;
  tlsOf(route: RouteSettings): UpstreamTls;
  readonly problems: readonly OutgoingProblem[];
}

/** Proves every CA and client certificate for upstreams and the provider, so that none is found broken by the first request. */
export function compileOutgoing({ certificateAuthority, routes }: Pick<Settings, 'certificateAuthority' | 'routes'>): Outgoing {
  const problems: OutgoingProblem[] = [];
  const further = readAuthorities(certificateAuthority, problems);
  const roots: TrustedRoots = further === undefined ? publicRoots : { kind: 'public', further };
  const usual: UpstreamTls = { ...plainTls, roots };
  const byRoute = new Map<RouteSettings, UpstreamTls>();
  for (const route of routes)
    if (route.action.kind === 'forward' && !isUsual(route.action.tls)) byRoute.set(route, compileTls(route.action.tls, roots, problems));
  return { roots, tlsOf: (route) => byRoute.get(route) ?? usual, problems };
}

/** Whether the route says nothing of it. Thousands of such routes have one object between them. */
function isUsual({ skipVerify, serverName, ca, clientCertificate }: UpstreamTlsSettings): boolean {
  return !skipVerify && serverName === undefined && ca === undefined && clientCertificate === undefined;
}

function compileTls(
  { skipVerify, serverName, ca, clientCertificate }: UpstreamTlsSettings,
  roots: TrustedRoots,
  problems: OutgoingProblem[],
): UpstreamTls {
  const authorities = readAuthorities(ca, problems);
  const fault = clientCertificate === undefined ? undefined : findPairFault(clientCertificate);
  if (fault !== undefined) problems.push({ code: 'invalid-value', ...fault });
  return {
    skipVerify,
    serverName,
    roots: authorities === undefined ? roots : { kind: 'only', authorities },
    client:
      clientCertificate === undefined
        ? undefined
        : { certificatePem: clientCertificate.certificate.text, keyPem: clientCertificate.key.text },
  };
}

/** Undefined where none were written. Broken ones are nobody: with a problem told, nothing is built of them. */
function readAuthorities(text: NamedText | undefined, problems: OutgoingProblem[]): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const read = readRootBundle(text);
  if (read.ok) return read.authorities;
  problems.push({ code: 'invalid-value', path: text.path, message: read.message });
  return [];
}
