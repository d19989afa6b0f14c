import { deniedStatuses } from './choices.ts';
import type { CertificateDeniedStatus } from './downstream-mtls-settings.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { either } from './read-value.ts';
import type { Reading } from './reading.ts';

/** One of the statuses that a refusal because of a certificate may have; undefined, and a problem told, for any other. */
export function readDeniedStatus(reading: Reading, path: SettingPath, written: number): CertificateDeniedStatus | undefined {
  const status = deniedStatuses.find((each) => each === written);
  if (status === undefined) reading.error(path, `${writePath(path)} ${written} is not known: write ${either(deniedStatuses.map(String))}`);
  return status;
}
