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
  /** By the rules of the top level: for the host where certificates are signed in with. Undefined: nobody is. */
  readonly everywhere: SignInMappers | undefined;
  readonly problems: readonly { readonly code: ErrorCode; readonly path: SettingPath; readonly message: string }[];
}

/**
 * Whoever signs in is signed in on every host. What a CA may say there that only some route accepts, a rule has to name it for: else a CA
 * for the devices of a partner makes people of the staff.
 */
export interface SignInMappers {
  /** For the usual CAs. */
  readonly usual: CertificateMapper | undefined;
  /** For all others: by rules and links that name a CA, and by what people linked themselves. */
  readonly named: CertificateMapper | undefined;
}

type IdentitySettings = Pick<Settings, 'routes' | 'certificateIdentities' | 'certificateLinks' | 'certificateSignIn'>;

/** Every list of rules is compiled once, however many routes share it. `at` in milliseconds since 1970. */
export function compileIdentities(settings: IdentitySettings, at: number): CompiledIdentities {
  const { routes, certificateIdentities, certificateLinks, certificateSignIn } = settings;
  const problems: CompiledIdentities['problems'][number][] = [];
  const compiled = new Map<readonly CertificateIdentitySettings[], CertificateMapper | undefined>();
  function mapperOf(rules: readonly CertificateIdentitySettings[]): CertificateMapper | undefined {
    if (!compiled.has(rules)) compiled.set(rules, compile(rules, certificateLinks));
    return compiled.get(rules);
  }
  function compile(
    rules: readonly CertificateIdentitySettings[],
    links: IdentitySettings['certificateLinks'],
  ): CertificateMapper | undefined {
    if (rules.length === 0) return undefined;
    const result = compileCertificateIdentities({ rules, links, at });
    if (result.ok) return result.mapper;
    // Links are compiled with every list of rules: what is wrong with one is told once.
    problems.push(...result.problems.filter((problem) => !problems.some((told) => JSON.stringify(told) === JSON.stringify(problem))));
    return undefined;
  }
  // Also where nothing uses them: what is wrong with them is told before a route does.
  const usual = mapperOf(certificateIdentities);
  const ofNamed = certificateIdentities.filter(({ ca, from }) => ca !== undefined || from === 'linked');
  const linksOfNamed = certificateLinks.filter(({ ca }) => ca !== undefined);
  return {
    byRoute: routes.map((route) => (looksAtCertificates(route) ? mapperOf(route.certificateIdentities) : undefined)),
    everywhere: certificateSignIn === undefined ? undefined : { usual, named: compile(ofNamed, linksOfNamed) },
    problems,
  };
}

function looksAtCertificates({ authentication, bindSession }: RouteSettings): boolean {
  return authentication !== 'session' || bindSession === 'identity';
}
