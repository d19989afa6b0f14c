import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const root = join(import.meta.dirname, '../..');

/** What somebody has who cloned the repository and installed what it needs. */
export interface Clone extends AsyncDisposable {
  readonly directory: string;
  /** Runs `node bin/postern …` in it to its end; the environment holds nothing but what is given. */
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Starts `node bin/postern run …` in it; resolved once it wrote its first line, with the lines it wrote until it ends. */
  serve(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Serving>;
}

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Serving extends AsyncDisposable {
  readonly lines: readonly string[];
}

export async function cloneRepository(): Promise<Clone> {
  const directory = await mkdtemp(join(tmpdir(), 'postern-clone-'));
  for (const name of ['bin', 'src', 'docs', 'package.json', 'config.example.yaml'])
    await cp(join(root, name), join(directory, name), { recursive: true });
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  const start = (args: readonly string[], environment: Readonly<Record<string, string>>) =>
    spawn(process.execPath, ['bin/postern', ...args], { cwd: directory, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    directory,
    async run(args, environment = {}) {
      const child = start(args, environment);
      const [out, err, [status]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close') as Promise<[number | null]>,
      ]);
      return { status, out, err };
    },
    async serve(args, environment = {}) {
      const child = start(['run', ...args], environment);
      const lines: string[] = [];
      let rest = '';
      let complaints = '';
      child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
      child.stdout.on('data', (chunk: Buffer) => {
        const parts = (rest + chunk.toString()).split('\n');
        rest = parts.pop() ?? '';
        lines.push(...parts);
      });
      const ended = once(child, 'close');
      await Promise.race([
        once(child.stdout, 'data'),
        ended.then(() => {
          throw new Error(`postern ended: ${complaints}`);
        }),
      ]);
      return {
        lines,
        async [Symbol.asyncDispose]() {
          child.kill('SIGTERM');
          await ended;
        },
      };
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
