import type { CertificateLinkSettings } from './certificate-identity-settings.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { RawCertificateLink, RawCertificateSettings } from './raw-certificate-settings.ts';
import type { Reading } from './reading.ts';
import { readPem } from './written-text.ts';

/** `certificate_links`; an entry that can't be read is left out, with a problem told. */
export function readCertificateLinks(
  reading: Reading,
  { certificate_links: written = [] }: RawCertificateSettings,
): readonly CertificateLinkSettings[] {
  const links = written.flatMap((link, index) => {
    const path = ['certificate_links', index];
    return reading.isRefused(path) ? [] : (readLink(reading, link, path) ?? []);
  });
  tellTwice(reading, links);
  return links;
}

function readLink(reading: Reading, link: RawCertificateLink, path: SettingPath): CertificateLinkSettings | undefined {
  const subjectName = readFilled(reading, [...path, 'subject_name'], link.subject_name);
  const user = readFilled(reading, [...path, 'user'], link.user);
  const email = readFilled(reading, [...path, 'email'], link.email);
  const ca = readPem(reading, { path: [...path, 'ca'], inline: link.ca, file: link.ca_file });
  const isRefused = (key: string): boolean => reading.isRefused([...path, key]);
  if (link.subject_name === undefined && !isRefused('subject_name'))
    tellMissing(reading, path, `${writePath([...path, 'subject_name'])} is missing: write a name that the certificate holds`);
  if (link.user === undefined && link.email === undefined && !isRefused('user') && !isRefused('email'))
    tellMissing(reading, path, `${writePath(path)} names nobody: write the user or the email of the account`);
  if (subjectName === undefined || (user === undefined && email === undefined)) return undefined;
  return { path, subjectName, ca, user, email };
}

function readFilled(reading: Reading, place: SettingPath, text: string | undefined): string | undefined {
  if (text === undefined || text.trim() !== '') return text;
  reading.error(place, `${writePath(place)} is empty: write it, or leave the key out`);
  return undefined;
}

function tellMissing(reading: Reading, path: SettingPath, message: string): void {
  reading.error(path, message, { code: 'missing-key' });
}

/** One certificate belongs to one person. */
function tellTwice(reading: Reading, links: readonly CertificateLinkSettings[]): void {
  for (const [index, { subjectName, ca, path }] of links.entries()) {
    const before = links.slice(0, index).find((other) => other.subjectName === subjectName && other.ca?.text === ca?.text);
    if (before === undefined) continue;
    const place = [...path, 'subject_name'];
    const message = `${writePath(place)} ${quoteValue(subjectName)} is that of ${writePath(before.path)} as well${reading.mention(before.path)}: one certificate belongs to one person`;
    reading.error(place, message, { code: 'conflicting-keys' });
  }
}
