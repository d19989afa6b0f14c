import type { Admission } from './admit.ts';
import { certificateHeaders, vouchedCertificate } from './certificate-headers.ts';
import type { ValidCertificate } from './certificate/verdict.ts';
import type { HeaderList } from './http/header-list.ts';
import type { Inbound } from './http/inbound.ts';
import type { Person } from './identity/person.ts';
import type { Route, Snapshot } from './snapshot.ts';
import type { Trace } from './trace.ts';
import { kubernetesHeaders, kubernetesNames } from './upstream/kubernetes-headers.ts';
import type { TokenName, Vouched } from './upstream/vouched.ts';
import { withoutNames } from './upstream/without-names.ts';

/** What the upstream of an admitted request is told about the visitor; the same for requests, upgrades and `explain`. */
export function vouchFor(
  inbound: Inbound,
  snapshot: Snapshot,
  { route, trace }: Pick<Extract<Admission, { kind: 'forward' }>, 'route' | 'trace'>,
): Vouched {
  const certificate = vouchedCertificate(trace);
  const person = vouchedPerson(trace);
  const { hostname } = inbound.authority;
  const { passIdentityHeaders, jwtIssuerFormat } = route.settings;
  const identity = passIdentityHeaders ? snapshot.identity.identityHeaders(person, hostname, jwtIssuerFormat) : [];
  return {
    identity: withCertificate(withImpersonation(identity, route, person), trace),
    token(name) {
      if (isCertificateToken(name)) return certificateToken(name, certificate);
      if (person === undefined) return '';
      if (name === 'jwt') return snapshot.identity.assertionFor(person, hostname, jwtIssuerFormat);
      const { accessToken, idToken } = snapshot.identity.tokensOf(person);
      return name === 'access_token' ? accessToken : idToken;
    },
  };
}

/**
 * Whom an upstream is told of. A preflight is let through because it asks nothing in anybody's name (Fetch section 3.3.4: browsers send no cookies with it). One that
 * comes with a session all the same was made to look like a preflight, perhaps by somebody whom the policy would not let in.
 */
export function vouchedPerson({ person, reasons }: Pick<Trace, 'person' | 'reasons'>): Person | undefined {
  return person !== undefined && reasons.includes('cors-request') ? undefined : person;
}

/** What is too long was refused by the walk, and no claim header has one of these names: such a configuration is refused. */
function withCertificate(identity: HeaderList, trace: Trace): HeaderList {
  const headers = certificateHeaders(trace) ?? [];
  return headers.length === 0 ? identity : [...headers, ...identity];
}

function withImpersonation(identity: HeaderList, { settings: { action } }: Route, person: Person | undefined): HeaderList {
  if (action.kind !== 'forward' || action.kubernetesToken === undefined) return identity;
  const groups = (person?.claims.get('groups') ?? []).map(String);
  const impersonation = kubernetesHeaders(
    action.kubernetesToken.reveal(),
    person === undefined ? undefined : { email: person.email, groups },
  );
  // A claim header may have one of these names, and of two a Kubernetes API takes the first.
  return [...withoutNames(identity, ofKubernetes), ...impersonation];
}

const ofKubernetes: ReadonlySet<string> = new Set(kubernetesNames);

type CertificateToken = Extract<TokenName, `client_cert_${string}`>;

function isCertificateToken(name: TokenName): name is CertificateToken {
  return name.startsWith('client_cert_');
}

/** Only of a certificate that was judged valid here: on a route without CAs anybody may present anything. */
function certificateToken(name: CertificateToken, certificate: ValidCertificate | undefined): string {
  if (certificate === undefined) return '';
  const { fingerprint, sanDns, sanEmail } = certificate.leaf;
  switch (name) {
    case 'client_cert_fingerprint':
      return fingerprint;
    case 'client_cert_san_dns':
      return list(sanDns);
    case 'client_cert_san_email':
      return list(sanEmail);
  }
}

/** A name that holds a comma would be two others in the list. */
function list(names: readonly string[]): string {
  return names.filter((name) => !name.includes(',')).join(',');
}
