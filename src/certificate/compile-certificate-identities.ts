import type { CertificateIdentitySettings, CertificateLinkSettings } from '../config/certificate-identity-settings.ts';
import type { ErrorCode } from '../config/problem-codes.ts';
import type { SettingPath } from '../config/problem.ts';
import type { NamedText } from '../config/settings.ts';
import { readCaBundle } from './ca-bundle.ts';
import type { CertificateMapper } from './certificate-mapping.ts';
import { openCertificateMapper } from './certificate-mapper.ts';
import { readEmailAddress } from './email-address.ts';
import type { IdentityRule } from './identity-rule.ts';
import { mapByValue } from './identity-rule.ts';
import type { OperatorLink } from './linked-rule.ts';
import { mapByLink } from './linked-rule.ts';
import type { ReadMatch } from './value-pattern.ts';
import { compileValuePattern } from './value-pattern.ts';
import type { ValidCertificate } from './verdict.ts';

export interface CertificateIdentities {
  /** In the order in which they are tried. */
  readonly rules: readonly CertificateIdentitySettings[];
  readonly links: readonly CertificateLinkSettings[];
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface IdentityProblem {
  readonly path: SettingPath;
  readonly message: string;
  readonly code: ErrorCode;
}

export type CertificateIdentitiesCompilation =
  | { readonly ok: true; readonly mapper: CertificateMapper }
  | { readonly ok: false; readonly problems: readonly IdentityProblem[] };

/** The rules by which a valid certificate stands for somebody, or everything that is wrong with them. */
export function compileCertificateIdentities({ rules, links, at }: CertificateIdentities): CertificateIdentitiesCompilation {
  const reading = startReading(at);
  const compiledLinks = links.map((link) => reading.link(link));
  const compiledRules = rules.map((rule) => reading.rule(rule, compiledLinks));
  const { problems } = reading;
  return problems.length > 0 ? { ok: false, problems } : { ok: true, mapper: openCertificateMapper(compiledRules) };
}

/** What can't be read is reported; what stands in for it is never used, because there is no mapper then. */
function startReading(at: number) {
  const problems: IdentityProblem[] = [];

  /** The keys of the authorities in a file: their names are whatever somebody wrote into them. */
  function keysOf(text: NamedText | undefined): ReadonlySet<string> | undefined {
    if (text === undefined) return undefined;
    const read = readCaBundle(text, at);
    if (read.ok) return new Set(read.bundle.anchors.map(({ facts }) => facts.spkiHash));
    problems.push({ code: 'invalid-client-ca', path: text.path, message: read.message });
    return new Set();
  }

  function pattern(written: CertificateIdentitySettings['match']): ReadMatch {
    const compiled = compileValuePattern(written);
    if (compiled.ok) return compiled.read;
    const { path, message } = compiled;
    problems.push({ code: 'invalid-expression', path, message });
    return () => undefined;
  }

  return {
    problems,
    link({ subjectName, ca, user, email, path }: CertificateLinkSettings): OperatorLink {
      const address = email === undefined ? undefined : readEmailAddress(email);
      if (email !== undefined && address === undefined) {
        const message = `cannot use ${JSON.stringify(email)} as e-mail address of a linked certificate; write one with exactly one "@"`;
        problems.push({ code: 'invalid-value', path: [...path, 'email'], message });
      }
      return { subjectName, caKeys: keysOf(ca), user, email: address?.text };
    },
    rule(rule: CertificateIdentitySettings, compiledLinks: readonly OperatorLink[]): IdentityRule {
      const caKeys = keysOf(rule.ca);
      const readers = { value: pattern(rule.match), group: pattern(rule.groups.kind === 'from' ? rule.groups.match : undefined) };
      const { from } = rule;
      const linked = { rule, links: compiledLinks, readGroup: readers.group };
      return {
        appliesTo: ({ anchorKeys }: ValidCertificate) => caKeys === undefined || anchorKeys.some((key) => caKeys.has(key)),
        map: (certificate, lookUp) =>
          from === 'linked' ? mapByLink(linked, certificate, lookUp) : mapByValue({ ...rule, from }, certificate.leaf, readers),
      };
    },
  };
}
