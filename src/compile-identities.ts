import type { CertificateMapper } from './certificate/certificate-mapping.ts';
import { compileCertificateIdentities } from './certificate/compile-certificate-identities.ts';
import type { CertificateIdentitySettings } from './config/certificate-identity-settings.ts';
import type { ErrorCode } from './config/problem-codes.ts';
import type { SettingPath } from './config/problem.ts';
import type { RouteSettings, Settings } from './config/settings.ts';

/** Whom certificates stand for, route by route. Of no use while there are problems. */
export interface CompiledIdentities {
  /** Undefined where the route does not look. */
  readonly byRoute: readonly (CertificateMapper | undefined)[];
  /** By the rules of the top level: for the host where certificates are signed in with. */
  readonly everywhere: CertificateMapper | undefined;
  readonly problems: readonly { readonly code: ErrorCode; readonly path: SettingPath; readonly message: string }[];
}

type IdentitySettings = Pick<Settings, 'routes' | 'certificateIdentities' | 'certificateLinks' | 'certificateSignIn'>;

/** Every list of rules is compiled once, however many routes share it. `at` in milliseconds since 1970. */
export function compileIdentities(settings: IdentitySettings, at: number): CompiledIdentities {
  const { routes, certificateIdentities, certificateLinks: links, certificateSignIn } = settings;
  const problems: CompiledIdentities['problems'][number][] = [];
  const compiled = new Map<readonly CertificateIdentitySettings[], CertificateMapper | undefined>();
  function mapperOf(rules: readonly CertificateIdentitySettings[]): CertificateMapper | undefined {
    if (rules.length === 0) return undefined;
    if (!compiled.has(rules)) compiled.set(rules, compile(rules));
    return compiled.get(rules);
  }
  function compile(rules: readonly CertificateIdentitySettings[]): CertificateMapper | undefined {
    const result = compileCertificateIdentities({ rules, links, at });
    if (result.ok) return result.mapper;
    // Links are compiled with every list of rules: what is wrong with one is told once.
    problems.push(...result.problems.filter((problem) => !problems.some((told) => JSON.stringify(told) === JSON.stringify(problem))));
    return undefined;
  }
  // Also where nothing uses them: what is wrong with them is told before a route does.
  const everywhere = mapperOf(certificateIdentities);
  return {
    byRoute: routes.map((route) => (looksAtCertificates(route) ? mapperOf(route.certificateIdentities) : undefined)),
    everywhere: certificateSignIn === undefined ? undefined : everywhere,
    problems,
  };
}

function looksAtCertificates({ authentication, bindSession }: RouteSettings): boolean {
  return authentication !== 'session' || bindSession === 'identity';
}
