import type { SettingPath } from '../config/problem.ts';
import { writePath } from '../config/problem.ts';
import type { RevocationSettings } from '../config/revocation-settings.ts';
import type { Finding, LintSubject } from './finding.ts';

/** `mode: strict` with nothing that could ever say that a certificate is good. */
export function checkStrictness({ settings, routes, certificateHostTrust }: LintSubject): readonly Finding[] {
  const { revocation: usual, crl } = settings.downstreamMtls;
  if (crl !== undefined) return [];
  const judging = routes.filter(({ trust }) => trust !== undefined).map((route) => route.settings);
  const isUsualInUse = certificateHostTrust !== undefined || judging.some(({ revocation }) => revocation === usual);
  const own = judging.filter(({ revocation }) => revocation !== usual && asksNobody(revocation));
  return [
    ...(isUsualInUse && asksNobody(usual) ? [finding(['downstream_mtls', 'revocation'])] : []),
    ...own.map(({ path }) => finding([...path, 'client_certificate_revocation'])),
  ];
}

function asksNobody({ mode, sources }: RevocationSettings): boolean {
  return mode === 'strict' && sources.every((source) => source === 'crl_file');
}

function finding(path: SettingPath): Finding {
  const place = [...path, 'mode'];
  const message = `${writePath(place)}: strict refuses every certificate, because its only source is crl_file and no revocation list is configured: write crl_file in downstream_mtls, add ocsp or crl_distribution_points to the sources, or leave the mode out`;
  return { code: 'unanswerable-revocation', path: place, message };
}
