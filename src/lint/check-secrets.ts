import { writePath } from '../config/problem.ts';
import type { Finding, LintSubject } from './finding.ts';

/** Files with secrets that everybody on the machine can read. */
export function checkSecrets({ secretFiles, isWorldReadable }: LintSubject): readonly Finding[] {
  return secretFiles
    .filter(({ file }) => isWorldReadable(file))
    .map(({ path, isConfiguration }) => ({
      code: 'readable-secret' as const,
      path,
      message: `Everybody on this machine can read ${isConfiguration ? 'this file, which holds' : 'the file of'} ${writePath(path)}`,
    }));
}
