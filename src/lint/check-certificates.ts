import { X509Certificate } from 'node:crypto';
import { isWildcard } from '../http/host-table.ts';
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
const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

function tellEnding({ text, label, path }: NamedText, at: number): readonly Finding[] {
  return [...text.matchAll(block)].flatMap(([pem]) => {
    const certificate = parse(pem);
    if (certificate === undefined) return [];
    const end = certificate.validToDate.getTime();
    if (end - at > soonMs) return [];
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
  const names = new Set(certificates.flatMap(namesOf));
  const told = new Set<string>();
  const findings = routes.flatMap((route) => {
    if (told.has(route.host) || isCovered(route.host, names)) return [];
    told.add(route.host);
    return [uncovered([...route.path, 'from'], route)];
  });
  if (authenticate === undefined || isCovered(authenticate.hostname, names)) return findings;
  return [...findings, uncovered(['authenticate_service_url'], { host: authenticate.hostname })];
}

function uncovered(path: Finding['path'], { host }: Pick<RouteSettings, 'host'> | { readonly host: string }): Finding {
  return { code: 'uncovered-host', path, message: `${writePath(path)}: no server certificate covers ${host}` };
}

/** A pattern with a `*` elsewhere than as its whole first label is covered by no certificate there is; nobody can mend that. */
function isCovered(host: string, names: ReadonlySet<string>): boolean {
  if (names.has(host)) return true;
  const isPattern = isWildcard(host as Parameters<typeof isWildcard>[0]);
  if (isPattern) return !/^\*\.[^*]+$/.test(host);
  const dot = host.indexOf('.');
  return dot !== -1 && names.has(`*${host.slice(dot)}`);
}

function namesOf({ certificate }: CertificatePair): readonly string[] {
  const names = parse(certificate.text)?.subjectAltName ?? '';
  return [...names.matchAll(/(?:DNS|IP Address):([^,]+)/g)].map(([, name = '']) => name.trim().toLowerCase());
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    // Broken ones are errors, told where they are read.
    return undefined;
  }
}
