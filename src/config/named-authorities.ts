import type { NamedAuthority } from './certificate-identity-settings.ts';
import { readRuleName, tellSameNames } from './certificate-rule-name.ts';
import { writePath } from './problem.ts';
import type { RawCertificateSettings } from './raw-certificate-settings.ts';
import type { Reading } from './reading.ts';

/**
 * `client_certificate_authorities`; an entry without a name is left out, with a problem told. One whose file can't be read keeps its name:
 * a policy that uses it is not to blame.
 */
export function readNamedAuthorities(
  reading: Reading,
  { client_certificate_authorities: written = [] }: RawCertificateSettings,
): readonly NamedAuthority[] {
  const authorities = written.flatMap(({ name: text, file }, index): readonly NamedAuthority[] => {
    const path = ['client_certificate_authorities', index];
    if (reading.isRefused(path)) return [];
    const place = [...path, 'file'];
    const name = readRuleName(reading, path, text);
    if (file === undefined && !reading.isRefused(place))
      reading.error(path, `${writePath(place)} is missing: write the name of a PEM file with the CA`, { code: 'missing-key' });
    const pem = file === undefined ? undefined : reading.readNamedFile(place, file);
    if (name === undefined) return [];
    return [{ name, path, file: file === undefined || pem === undefined ? undefined : { text: pem, label: file, path: place } }];
  });
  tellSameNames(reading, authorities);
  return authorities;
}
