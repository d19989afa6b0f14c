import { claimCriteria } from './claims.ts';
import { clientCertificateCriterion } from './client-certificate.ts';
import { constantCriteria } from './constants.ts';
import type { CriterionKind } from './criterion-kind.ts';
import { dateCriterion } from './date.ts';
import { dayOfWeekCriterion } from './day-of-week.ts';
import { invalidClientCertificateCriterion } from './invalid-client-certificate.ts';
import { personCriteria } from './person.ts';
import { requestCriteria } from './request.ts';
import { sourceIpCriterion } from './source-ip.ts';
import { timeOfDayCriterion } from './time-of-day.ts';

/** Every criterion that is built, by name. */
export const criterionKinds: ReadonlyMap<string, CriterionKind> = new Map(
  [
    ...constantCriteria,
    ...personCriteria,
    ...claimCriteria,
    ...requestCriteria,
    sourceIpCriterion,
    dateCriterion,
    dayOfWeekCriterion,
    timeOfDayCriterion,
    clientCertificateCriterion,
    invalidClientCertificateCriterion,
  ].map((kind) => [kind.name, kind]),
);

/** Known from Pomerium, refused by name: a criterion that was ignored would change who gets in. */
export const laterCriteria: ReadonlySet<string> = new Set([
  'device',
  'pomerium_routes',
  'record',
  'ssh_ca',
  'ssh_publickey',
  'ssh_username',
  'ssh_username_matches_claim',
  'ssh_username_matches_email',
]);
