import { checkAccess } from './check-access.ts';
import { checkAsking } from './check-asking.ts';
import { checkAuthorities } from './check-authorities.ts';
import { checkCertificates } from './check-certificates.ts';
import { checkHeaders } from './check-headers.ts';
import { checkMatchers } from './check-matchers.ts';
import { checkReach } from './check-reach.ts';
import { checkRevocation } from './check-revocation.ts';
import { checkRewrites } from './check-rewrites.ts';
import { checkSecrets } from './check-secrets.ts';
import { checkSessions } from './check-sessions.ts';
import { checkStrictness } from './check-strictness.ts';
import { checkUpstreams } from './check-upstreams.ts';
import type { Finding, LintCheck, LintSubject } from './finding.ts';

const checks: readonly LintCheck[] = [
  checkReach,
  checkMatchers,
  checkAccess,
  checkHeaders,
  checkUpstreams,
  checkSessions,
  checkSecrets,
  checkCertificates,
  checkRevocation,
  checkStrictness,
  checkAuthorities,
  checkAsking,
  checkRewrites,
];

/** Everything about a configuration without errors that its author should know all the same. Looks at values only: no network, no clock. */
export function lintSettings(subject: LintSubject): readonly Finding[] {
  return checks.flatMap((check) => check(subject));
}
