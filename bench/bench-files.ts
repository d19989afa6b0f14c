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
  /** The CA that `machinesHost` asks for certificates of, and a certificate of it. */
  readonly clientCa: string;
  readonly client: { readonly certificate: string; readonly key: string };
}

export const appHost = 'app.postern.test';

/** Here every connection has to show a client certificate. */
export const machinesHost = 'machines.postern.test';

export async function makeBenchFiles(): Promise<BenchFiles> {
  const directory = await mkdtemp(join(tmpdir(), 'postern-bench-'));
  removeAtEnd(directory);
  const { server, caA, alice, ...others } = await makePki();
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(directory, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  return {
    directory,
    pki: { server, caA, alice, ...others },
    certificate: await write('server.pem', server.certificatePem),
    key: await write('server.key', server.keyPem),
    clientCa: await write('client-ca.pem', caA.certificatePem),
    client: { certificate: await write('client.pem', alice.certificatePem), key: await write('client.key', alice.keyPem) },
  };
}
