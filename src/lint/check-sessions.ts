import type { Finding, LintSubject } from './finding.ts';

/** Cookies that travel further than they should, or not as far as they must. */
export function checkSessions({ settings }: LintSubject): readonly Finding[] {
  const { cookie, identityProvider } = settings;
  const findings: Finding[] = [];
  if (cookie.domain !== undefined) {
    findings.push({
      code: 'wide-cookie-domain',
      path: ['cookie_domain'],
      message: `cookie_domain ${JSON.stringify(cookie.domain)} sends the session cookie to every host under it, whoever serves it`,
    });
  }
  if (cookie.sameSite === 'Strict' && identityProvider !== undefined) {
    findings.push({
      code: 'strict-cookie',
      path: ['cookie_same_site'],
      message: 'cookie_same_site strict keeps browsers from sending the cookie on the way back from the identity provider',
    });
  }
  return findings;
}
