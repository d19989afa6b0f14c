import type { CaBundle } from './certificate/ca-bundle.ts';
import { readCaBundle } from './certificate/ca-bundle.ts';
import type { CertificateTrust, TrustRules } from './certificate/certificate-trust.ts';
import { buildTrust } from './certificate/certificate-trust.ts';
import type { CrlBundle } from './certificate/crl-bundle.ts';
import { readCrlBundle } from './certificate/crl-bundle.ts';
import type { SubjectAltNameRule } from './certificate/subject-alt-name-rule.ts';
import { compileSubjectAltNames } from './certificate/subject-alt-name-rule.ts';
import type { ErrorCode } from './config/problem-codes.ts';
import type { WarningCode } from './config/warning-texts.ts';
import type { SettingPath } from './config/problem.ts';
import type { SubjectAltNamePattern } from './config/downstream-mtls-settings.ts';
import type { NamedText, Settings } from './config/settings.ts';

/** By what client certificates are judged, route by route. Of no use while there are problems. */
export interface Trusts {
  readonly byRoute: readonly (CertificateTrust | undefined)[];
  readonly problems: readonly { readonly code: ErrorCode; readonly path: SettingPath; readonly message: string }[];
  readonly warnings: readonly { readonly code: WarningCode; readonly path: SettingPath; readonly message: string }[];
}

/** The CAs of each route, or the global ones; depth, names and revocation lists count for all of them. `at` in milliseconds since 1970. */
export function compileTrusts({ downstreamMtls, routes }: Pick<Settings, 'downstreamMtls' | 'routes'>, at: number): Trusts {
  const reading = startReading(at);
  const globalCa = reading.authorities(downstreamMtls.ca);
  const routeCas = routes.map(({ clientCa }) => reading.authorities(clientCa));
  const bundles = [globalCa, ...routeCas].filter((bundle) => bundle !== undefined);
  const rules: TrustRules = {
    maxVerifyDepth: downstreamMtls.maxVerifyDepth,
    crls: reading.lists(downstreamMtls.crl, bundles),
    subjectAltNames: reading.names(downstreamMtls.matchSubjectAltNames),
  };
  const byRoute = routeCas.map((own) => {
    const bundle = own ?? globalCa;
    return bundle === undefined ? undefined : buildTrust(bundle, rules);
  });
  return { byRoute, problems: reading.problems, warnings: reading.warnings };
}

function startReading(at: number) {
  const problems: Trusts['problems'][number][] = [];
  const warnings: Trusts['warnings'][number][] = [];
  return {
    problems,
    warnings,
    authorities(text: NamedText | undefined): CaBundle | undefined {
      if (text === undefined) return undefined;
      const { path } = text;
      const read = readCaBundle(text, at);
      if (!read.ok) return void problems.push({ code: 'invalid-client-ca', path, message: read.message });
      warnings.push(...read.warnings.map((message) => ({ code: 'client-ca-notice' as const, path, message })));
      return read.bundle;
    },
    lists(text: NamedText | undefined, bundles: readonly CaBundle[]): CrlBundle | undefined {
      if (text === undefined) return undefined;
      const { path } = text;
      const authoritiesAreComplete = problems.length === 0;
      const read = readCrlBundle(text, bundles, at);
      if (!read.ok) return void problems.push({ code: 'invalid-crl', path, message: read.message });
      // With an authority missing, a list without one would be told of too: a consequence, not a second thing to mend.
      if (authoritiesAreComplete) warnings.push(...read.warnings.map((message) => ({ code: 'crl-notice' as const, path, message })));
      return read.crls;
    },
    names(patterns: readonly SubjectAltNamePattern[]): SubjectAltNameRule | undefined {
      const compiled = compileSubjectAltNames(patterns);
      if (compiled.ok) return compiled.rule;
      problems.push(...compiled.problems.map((problem) => ({ code: 'invalid-expression' as const, ...problem })));
      return undefined;
    },
  };
}
