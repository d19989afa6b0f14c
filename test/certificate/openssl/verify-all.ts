import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Chains that share all but the leaf: one run of `openssl verify` judges them all. */
export interface Batch {
  readonly anchors: readonly string[];
  readonly sent: readonly string[];
  readonly leaves: readonly string[];
  readonly allowPartialChain: boolean;
  /** How many authorities a path may have; 0: any number. */
  readonly maxDepth: number;
}

/** What `openssl verify` says of every leaf of every batch, at `at` (milliseconds since 1970); the reasons of those it refuses. */
export async function verifyAll(batches: readonly Batch[], at: number): Promise<readonly (readonly (string | undefined)[])[]> {
  const directory = await mkdtemp(join(tmpdir(), 'postern-verify-'));
  try {
    const results: (readonly (string | undefined)[])[] = [];
    const turns = batches.entries();
    const work = async (): Promise<void> => {
      for (const [index, batch] of turns) results[index] = await verify(batch, join(directory, String(index)), at);
    };
    await Promise.all([work(), work()]);
    return results;
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function verify(batch: Batch, directory: string, at: number): Promise<readonly (string | undefined)[]> {
  const { anchors, sent, leaves, allowPartialChain, maxDepth } = batch;
  await mkdir(directory);
  const files = leaves.map((_, index) => `leaf-${index}.pem`);
  const write = (name: string, text: string): Promise<void> => writeFile(join(directory, name), text);
  await Promise.all([
    write('anchors.pem', anchors.join('')),
    write('sent.pem', sent.join('')),
    ...files.map((name, index) => write(name, leaves[index] ?? '')),
  ]);
  // Level 2 is what refuses SHA-1 and keys that are too small.
  const rules = [
    '-purpose',
    'sslclient',
    '-auth_level',
    '2',
    '-attime',
    String(at / 1000),
    ...(allowPartialChain ? ['-partial_chain'] : []),
  ];
  // It counts what is between the leaf and the anchor.
  const depth = maxDepth === 0 ? [] : ['-verify_depth', String(maxDepth - 1)];
  const sources = ['-no-CApath', '-no-CAstore', '-CAfile', 'anchors.pem', ...(sent.length === 0 ? [] : ['-untrusted', 'sent.pem'])];
  const { stdout, stderr } = await run(['verify', ...rules, ...depth, ...sources, ...files], directory);
  return files.map((name) => {
    if (stdout.includes(`${name}: OK\n`)) return undefined;
    const place = stderr.indexOf(`error ${name}: verification failed`);
    if (place === -1) throw new Error(`openssl says nothing of ${name}: ${stderr}`);
    return /error \d+ at .*$/m.exec(stderr.slice(0, place).split('verification failed').at(-1) ?? '')?.[0] ?? 'no reason';
  });
}

function run(args: readonly string[], cwd: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    execFile('openssl', args, { cwd }, (error, stdout, stderr) => {
      // Its status is 2 when a certificate is refused; a word is the code of one that could not be started at all.
      if (typeof error?.code === 'string')
        reject(new Error('the openssl command is missing: install the package openssl', { cause: error }));
      else resolve({ stdout, stderr });
    });
  });
}
