import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pki } from '../test/walk/pki.ts';
import { makePki } from '../test/walk/pki.ts';
import { removeAtEnd } from './processes.ts';

/** A directory for everything that a run writes, with the certificate that all candidates serve. Gone with the program. */
export interface BenchFiles {
  readonly directory: string;
  readonly pki: Pki;
  readonly certificate: string;
  readonly key: string;
}

export const appHost = 'app.postern.test';

export async function makeBenchFiles(): Promise<BenchFiles> {
  const directory = await mkdtemp(join(tmpdir(), 'postern-bench-'));
  removeAtEnd(directory);
  const pki = await makePki();
  const files = { directory, pki, certificate: join(directory, 'server.pem'), key: join(directory, 'server.key') };
  await writeFile(files.certificate, pki.server.certificatePem);
  await writeFile(files.key, pki.server.keyPem, { mode: 0o600 });
  return files;
}
