import type { CertificateTrust } from './certificate/certificate-trust.ts';

/** What visitors may be told of the CAs whose certificates are wanted: names alone, each once, in the order of the CA file. */
export function authorityNames(trust: CertificateTrust | undefined): readonly string[] {
  return [...new Set((trust?.bundle.anchors ?? []).map(({ certificate, facts }) => readableName(certificate.subject) ?? facts.subject))];
}

/** Common name and organisation, as browsers list certificates; undefined where there is neither. */
function readableName(subject: string | undefined): string | undefined {
  const attribute = (name: string): string | undefined =>
    subject
      ?.split('\n')
      .find((line) => line.startsWith(`${name}=`))
      ?.slice(name.length + 1);
  const [commonName, organisation] = [attribute('CN'), attribute('O')];
  if (commonName === undefined || organisation === undefined) return commonName ?? organisation;
  return `${commonName} (${organisation})`;
}
