import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Secret } from '../config/secret.ts';
import { makeStateDirectory } from '../store/state-directory.ts';

export interface SecretsOptions {
  /** Absolute; undefined: what is missing lives in memory only. */
  readonly stateDirectory: string | undefined;
  /** Empty: made. */
  readonly shared: readonly Secret<Buffer>[];
  readonly cookie: readonly Secret<Buffer>[];
  /** Told when others could read the file, which they can't any more. */
  readonly onLooseFile?: (file: string) => void;
}

/** The first seals and signs, all of them open and verify: so that one can be replaced while what it sealed is still about. */
export type SecretList = readonly [newest: Buffer, ...older: Buffer[]];

export interface Secrets {
  readonly shared: SecretList;
  readonly cookie: SecretList;
}

const length = 32;

/**
 * The configured secrets; what is not configured is made at random, once, and kept in `secrets.json` of the state directory
 * (mode 0600, to which a looser one is set back). Without a state directory it ends with the process. Throws an error that names a file that can't be used.
 */
export function readOrMakeSecrets({ stateDirectory, shared, cookie, onLooseFile }: SecretsOptions): Secrets {
  const given = { shared: revealSecrets(shared), cookie: revealSecrets(cookie) };
  if (given.shared !== undefined && given.cookie !== undefined) return { shared: given.shared, cookie: given.cookie };
  const made = stateDirectory === undefined ? makeSecrets() : keepSecrets(stateDirectory, onLooseFile);
  return { shared: given.shared ?? made.shared, cookie: given.cookie ?? made.cookie };
}

/** Undefined where none is configured. */
export function revealSecrets([newest, ...older]: readonly Secret<Buffer>[]): SecretList | undefined {
  return newest === undefined ? undefined : [newest.reveal(), ...older.map((secret) => secret.reveal())];
}

function makeSecrets(): Secrets {
  return { shared: [randomBytes(length)], cookie: [randomBytes(length)] };
}

function keepSecrets(directory: string, onLooseFile: SecretsOptions['onLooseFile']): Secrets {
  makeStateDirectory(directory);
  const file = path.join(directory, 'secrets.json');
  const made = makeSecrets();
  const text = `${JSON.stringify({ version: 1, shared_secret: made.shared[0].toString('base64'), cookie_secret: made.cookie[0].toString('base64') })}\n`;
  try {
    // `wx` fails when the file is there: of two processes that start at once, both end up with the secrets of the first.
    writeFileSync(file, text, { flag: 'wx', mode: 0o600, flush: true });
    return made;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST'))
      throw new Error(`Cannot keep the secrets in ${JSON.stringify(file)}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    if (tighten(file)) onLooseFile?.(file);
    return readSecrets(file);
  }
}

/** Whoever copies or restores the file may lose its mode, and who reads it can make sessions for anybody. False: it was private. */
function tighten(file: string): boolean {
  if ((statSync(file).mode & 0o077) === 0) return false;
  try {
    chmodSync(file, 0o600);
    return true;
  } catch (error) {
    throw new Error(`Cannot use the secrets of ${JSON.stringify(file)}: others can read them, write "chmod 600" as its owner`, {
      cause: error,
    });
  }
}

function readSecrets(file: string): Secrets {
  const broken = (why: string): Error =>
    new Error(`Cannot read the secrets of ${JSON.stringify(file)}: ${why}; remove the file to make new ones, which ends every session`);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    // The parser quotes what it read, and that may be a piece of a secret.
    throw broken(error instanceof SyntaxError ? 'it is no JSON' : error instanceof Error ? error.message : String(error));
  }
  if (typeof content !== 'object' || content === null) throw broken('it is no JSON object');
  const fields: Readonly<Record<string, unknown>> = { ...content };
  const [shared, cookie] = ['shared_secret', 'cookie_secret'].map((name) => {
    const value = fields[name];
    const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.alloc(0);
    if (bytes.length !== length) throw broken(`${name} is not ${length} bytes in base64`);
    return bytes;
  });
  if (shared === undefined || cookie === undefined) throw broken('a secret is missing');
  return { shared: [shared], cookie: [cookie] };
}
