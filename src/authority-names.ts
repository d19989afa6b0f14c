import type { CertificateTrust } from './certificate/certificate-trust.ts';
import type { CertificateFacts } from './certificate/certificate-facts.ts';
import { leafFacts } from './certificate/leaf-facts.ts';

/** What visitors may be told of the CAs whose certificates are wanted: names alone, each once, in the order of the CA file. */
export function authorityNames(trust: CertificateTrust | undefined): readonly string[] {
  return [...new Set((trust?.bundle.anchors ?? []).map(({ facts }) => readableName(facts)))];
}

/** Common name and organisation, as browsers list certificates and without any escapes; the whole name where there is neither. */
function readableName(facts: CertificateFacts): string {
  const { commonNames, organizations, subject } = leafFacts(facts);
  const [[commonName], [organisation]] = [commonNames, organizations];
  if (commonName === undefined || organisation === undefined) return commonName ?? organisation ?? subject;
  return `${commonName} (${organisation})`;
}
