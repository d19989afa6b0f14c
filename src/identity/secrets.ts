import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Secret } from '../config/secret.ts';
import { makeStateDirectory } from '../store/state-directory.ts';

export interface SecretsOptions {
  /** Absolute; undefined: what is missing lives in memory only. */
  readonly stateDirectory: string | undefined;
  readonly shared: Secret<Buffer> | undefined;
  readonly cookie: Secret<Buffer> | undefined;
}

export interface Secrets {
  readonly shared: Buffer;
  readonly cookie: Buffer;
}

const length = 32;

/**
 * The configured secrets; what is not configured is made at random, once, and kept in `secrets.json` of the state directory
 * (mode 0600). Without a state directory it ends with the process. Throws an error that names a file that can't be used.
 */
export function readOrMakeSecrets({ stateDirectory, shared, cookie }: SecretsOptions): Secrets {
  if (shared !== undefined && cookie !== undefined) return { shared: shared.reveal(), cookie: cookie.reveal() };
  const made = stateDirectory === undefined ? makeSecrets() : keepSecrets(stateDirectory);
  return { shared: shared?.reveal() ?? made.shared, cookie: cookie?.reveal() ?? made.cookie };
}

function makeSecrets(): Secrets {
  return { shared: randomBytes(length), cookie: randomBytes(length) };
}

function keepSecrets(directory: string): Secrets {
  makeStateDirectory(directory);
  const file = path.join(directory, 'secrets.json');
  const made = makeSecrets();
  const text = `${JSON.stringify({ version: 1, shared_secret: made.shared.toString('base64'), cookie_secret: made.cookie.toString('base64') })}\n`;
  try {
    // `wx` fails when the file is there: of two processes that start at once, both end up with the secrets of the first.
    writeFileSync(file, text, { flag: 'wx', mode: 0o600, flush: true });
    return made;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST'))
      throw new Error(`Cannot keep the secrets in ${JSON.stringify(file)}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    return readSecrets(file);
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
  return { shared, cookie };
}
