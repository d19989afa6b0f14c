import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface BrowserHomeOptions {
  /** PEM of the authority that the browser trusts for web sites. */
  readonly caFile: string;
  /** PKCS #12 of the certificate it has, if it has one. */
  readonly person?: { readonly file: string; readonly password: string };
}

/** A home directory as Chromium on Linux reads it: its certificates are in an NSS database there. Disposing removes it. */
export async function makeBrowserHome({ caFile, person }: BrowserHomeOptions): Promise<AsyncDisposable & { readonly directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'postern-browser-'));
  const folder = join(directory, '.pki/nssdb');
  mkdirSync(folder, { recursive: true });
  const database = `sql:${folder}`;
  await run('certutil', ['-d', database, '-N', '--empty-password']);
  await run('certutil', ['-d', database, '-A', '-n', 'authority', '-t', 'C,,', '-i', caFile]);
  if (person !== undefined) await run('pk12util', ['-d', database, '-i', person.file, '-W', person.password, '-K', '']);
  return {
    directory,
    async [Symbol.asyncDispose]() {
      // Helper processes of the browser may write a last line after it ended.
      rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      await Promise.resolve();
    },
  };
}
