import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Issued } from '../../src/certificate/issue-certificate.ts';

export interface OpensslResponder extends AsyncDisposable {
  readonly url: string;
}

export interface ResponderOptions {
  readonly ca: Issued;
  /** Undefined: the authority itself. */
  readonly signer?: Issued;
  /** Certificates it knows; one that it doesn't is `unknown` to it. */
  readonly good: readonly Issued[];
  readonly revoked?: readonly Issued[];
  /** Minutes until `nextUpdate`; undefined: it says none. */
  readonly minutes?: number;
  readonly more?: readonly string[];
}

/** `openssl ocsp` as a responder, on a port that it chooses itself. Resolves when it listens. */
export async function openOpensslResponder(options: ResponderOptions): Promise<OpensslResponder> {
  const { ca, signer = ca, good, revoked = [], minutes, more = [] } = options;
  const directory = await mkdtemp(join(tmpdir(), 'postern-ocsp-'));
  const file = (name: string): string => join(directory, name);
  await writeFile(file('ca.pem'), ca.certificatePem);
  await writeFile(file('signer.pem'), signer.certificatePem + signer.keyPem);
  await writeFile(
    file('index.txt'),
    [...good.map((leaf) => indexLine(leaf, 'V')), ...revoked.map((leaf) => indexLine(leaf, 'R'))].join(''),
  );
  const files = ['-index', file('index.txt'), '-CA', file('ca.pem'), '-rsigner', file('signer.pem'), '-rkey', file('signer.pem')];
  const life = minutes === undefined ? [] : ['-nmin', String(minutes)];
  const child = spawn('openssl', ['ocsp', '-port', '0', ...files, ...life, ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      output += chunk.toString('latin1');
      const [, found] = /^ACCEPT .*:(\d+) /m.exec(output) ?? [];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    void ended.then(() => reject(new Error(`openssl ocsp ended: ${output}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** As `openssl ca` writes its database. */
function indexLine({ certificate }: Issued, status: 'V' | 'R'): string {
  const revokedAt = status === 'R' ? '260101000000Z' : '';
  return `${status}\t350101000000Z\t${revokedAt}\t${certificate.serialNumber}\tunknown\t/CN=x\n`;
}
