import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/**
 * The program as it was at a commit, in a directory below `directory`; "." is the checkout as it is. Taken out of the archive of the commit, so
 * that the repository knows nothing of it and nothing has to be tidied up in it. It runs with the packages that are installed now.
 */
export function checkOut(commit: string, directory: string, say: (line: string) => void): string {
  if (commit === '.') return root;
  const found = spawnSync('git', ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{commit}`], {
    cwd: root,
    encoding: 'utf8',
  });
  const hash = found.stdout.trim();
  if (found.status !== 0 || hash === '') throw new Error(`Cannot compare "${commit}": there is no such commit`);
  const target = join(directory, `checkout-${hash}`);
  mkdirSync(target, { recursive: true });
  const archive = spawnSync('git', ['archive', '--format=tar', hash], { cwd: root, maxBuffer: 2 ** 30 });
  const unpacked = spawnSync('tar', ['-x', '-C', target], { input: archive.stdout });
  if (archive.status !== 0 || unpacked.status !== 0)
    throw new Error(`Cannot take ${commit} out of the repository: ${archive.stderr.toString()}${unpacked.stderr.toString()}`);
  symlinkSync(join(root, 'node_modules'), join(target, 'node_modules'));
  const [then, now] = [target, root].map((each) => readFileSync(join(each, 'package-lock.json'), 'utf8'));
  if (then !== now) say(`${commit} was made with other packages than are installed; it runs with those`);
  return target;
}
