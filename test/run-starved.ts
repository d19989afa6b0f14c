import { spawnSync } from 'node:child_process';

/**
 * Runs an ES module in a process that may have few descriptors open, in which `hold()` takes all that are left and `release()` gives them
 * back. Answers what it wrote.
 */
export function runStarved(program: string): { readonly stdout: string; readonly stderr: string } {
  const starving = `
    import { closeSync, openSync } from 'node:fs';
    const held = [];
    const hold = () => { try { for (;;) held.push(openSync('/dev/null')); } catch {} };
    const release = () => { for (const descriptor of held.splice(0)) closeSync(descriptor); };
    ${program}`;
  const shell = ['-c', 'ulimit -n 128; exec "$@"', 'sh', process.execPath, '--input-type=module', '-e', starving];
  return spawnSync('/bin/sh', shell, { encoding: 'utf8', env: {} });
}
