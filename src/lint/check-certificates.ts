import { parseCertificates } from '../config/pem-certificates.ts';
import type { Hostname } from '../http/hostname.ts';
import { readServerCertificates } from '../listener/server-certificates.ts';
import type { CertificatePair, NamedText, RouteSettings, Settings } from '../config/settings.ts';
import { writePath } from '../config/problem.ts';
import type { Finding, LintSubject } from './finding.ts';

/** Certificates that have ended or end within thirty days, and hosts that no certificate covers. */
export function checkCertificates({ settings, at }: LintSubject): readonly Finding[] {
  const texts = [...settings.certificates.map(({ certificate }) => certificate), ...otherTexts(settings)];
  // Routes may name one file; it is told once, where it stands first.
  const unique = texts.filter((text, index) => texts.findIndex((other) => other.text === text.text) === index);
  return [...unique.flatMap((text) => tellEnding(text, at)), ...tellUncovered(settings)];
}

function otherTexts({ downstreamMtls, metrics, certificateAuthority, routes }: Settings): readonly NamedText[] {
  const ofRoutes = routes.flatMap(({ clientCa, action }) =>
    action.kind === 'forward' ? [clientCa, action.tls.ca, action.tls.clientCertificate?.certificate] : [clientCa],
  );
  return [downstreamMtls.ca, metrics?.certificate?.certificate, metrics?.clientCa, certificateAuthority, ...ofRoutes].filter(
    (text) => text !== undefined,
  );
}

const dayMs = 86_400_000;
const soonMs = 30 * dayMs;
function tellEnding({ text, label, path }: NamedText, at: number): readonly Finding[] {
  return (parseCertificates(text) ?? []).flatMap((certificate) => {
    const end = certificate.validToDate.getTime();
    // Neither of a date that is none, which Node gives as one that can't be written.
    if (!(end - at <= soonMs)) return [];
    const name = certificate.subject.split('\n').at(-1) ?? '';
    const when = certificate.validToDate.toISOString().slice(0, 10);
    const days = Math.floor((end - at) / dayMs);
    const what = end <= at ? `ended on ${when}` : `ends on ${when}, in ${days} ${days === 1 ? 'day' : 'days'}`;
    return [{ code: 'certificate-expires' as const, path, message: `The certificate ${name} of ${label} ${what}` }];
  });
}

function tellUncovered(settings: Settings): readonly Finding[] {
  const { certificates, insecureServer, routes, authenticate } = settings;
  if (insecureServer || certificates.length === 0) return [];
  const isCovered = coverageOf(certificates);
  const told = new Set<string>();
  const findings = routes.flatMap((route) => {
    if (told.has(route.host) || isCovered(route.host)) return [];
    told.add(route.host);
    return [uncovered([...route.path, 'from'], route)];
  });
  if (authenticate === undefined || isCovered(authenticate.hostname)) return findings;
  return [...findings, uncovered(['authenticate_service_url'], { host: authenticate.hostname })];
}

function uncovered(path: Finding['path'], { host }: Pick<RouteSettings, 'host'> | { readonly host: string }): Finding {
  return { code: 'uncovered-host', path, message: `${writePath(path)}: no server certificate covers ${host}` };
}

/** By the very look-up that the listener chooses with. A pattern with a `*` elsewhere than as its whole first label is covered by no certificate there is; nobody can mend that. */
function coverageOf(certificates: readonly CertificatePair[]): (host: string) => boolean {
  const read = readServerCertificates(
    certificates.map(({ certificate, key }) => ({ certificatePem: certificate.text, keyPem: key.text, label: certificate.label })),
  );
  // Pairs that can't be used are errors, told where they are read.
  if (!read.ok) return () => true;
  return (host) => (host.includes('*') && !/^\*\.[^*]+$/.test(host)) || read.chooser.choose(host as Hostname) !== undefined;
}
