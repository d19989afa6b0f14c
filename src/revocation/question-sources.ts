import type { CertificateFacts } from '../certificate/certificate-facts.ts';
import type { AllowedHosts, AllowedSource } from './allowed-source.ts';
import { checkSource } from './allowed-source.ts';
import { namedSources } from './named-sources.ts';
import type { SourceJournal } from './source-journal.ts';

/** Where a certificate may be asked about, in the order in which it names them. */
export interface QuestionSources {
  readonly ocsp: readonly AllowedSource[];
  readonly lists: readonly AllowedSource[];
}

/** Reads each certificate once, and tells of what it names and may not be asked. */
export function createSourceFinder(hosts: AllowedHosts, journal: SourceJournal): (certificate: CertificateFacts) => QuestionSources {
  const found = new WeakMap<CertificateFacts, QuestionSources>();

  function allowed(named: readonly string[]): readonly AllowedSource[] {
    return named.flatMap((text) => {
      const check = checkSource(text, hosts);
      if (!check.ok) journal.passedOver(text, check.explanation);
      return check.ok ? [check.source] : [];
    });
  }

  return (certificate) => {
    const known = found.get(certificate);
    if (known !== undefined) return known;
    const { ocsp, lists } = namedSources(certificate);
    const sources = { ocsp: allowed(ocsp), lists: allowed(lists) };
    found.set(certificate, sources);
    return sources;
  };
}
