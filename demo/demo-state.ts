import { X509Certificate, createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Issued } from '../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate, issueServerCertificate } from '../src/certificate/issue-certificate.ts';
import { writePkcs12 } from '../src/certificate/write-pkcs12.ts';
import { domain } from './demo-hosts.ts';
import { people } from './people.ts';

export const pkcs12Password = 'changeit';

const dayMs = 86_400_000;
const lifetimeDays = 90;
/** A demo that is started is not to expire while somebody looks at it. */
const spareDays = 2;
const sealFile = 'state.json';

export interface DemoState {
  readonly caPem: string;
  readonly madeAnew: boolean;
}

/**
 * Makes sure that the directory holds an authority, a server certificate and the people's certificates. What is whole and has days to live
 * is kept, so that a browser needs to import it once; anything else, half-written files included, is made anew, all of it.
 */
export async function prepareState(directory: string, now: number): Promise<DemoState> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const kept = readKeptAuthority(directory, now);
  if (kept !== undefined) return { caPem: kept, madeAnew: false };
  const files = await makeFiles(now);
  // Without its seal the state counts as broken: what stops in the middle of writing is found out at the next start.
  rmSync(join(directory, sealFile), { force: true });
  for (const [name, content] of files) write(directory, name, content);
  write(
    directory,
    sealFile,
    `${JSON.stringify(Object.fromEntries([...files].map(([name, content]) => [name, hashOf(content)])), undefined, 2)}\n`,
  );
  return { caPem: String(files.get('ca.pem')), madeAnew: true };
}

/** The authority of a state in which every file is what was written, or undefined. */
function readKeptAuthority(directory: string, now: number): string | undefined {
  try {
    const seal: unknown = JSON.parse(readFileSync(join(directory, sealFile), 'utf8'));
    if (typeof seal !== 'object' || seal === null) return undefined;
    const hashes = Object.entries(seal);
    const isWhole = hashes.length === fileCount && hashes.every(([name, hash]) => hashOf(readFileSync(join(directory, name))) === hash);
    if (!isWhole) return undefined;
    const caPem = readFileSync(join(directory, 'ca.pem'), 'utf8');
    // All were made together and end together.
    const certificate = new X509Certificate(caPem);
    const isCurrent = certificate.validFromDate.getTime() <= now && certificate.validToDate.getTime() > now + spareDays * dayMs;
    return isCurrent ? caPem : undefined;
  } catch {
    // Absent or unreadable is as good as broken: all of it is made anew.
    return undefined;
  }
}

const fileCount = 4 + 3 * people.length;

async function makeFiles(now: number): Promise<ReadonlyMap<string, string | Buffer>> {
  const times = { from: new Date(now - 3_600_000), to: new Date(now + lifetimeDays * dayMs) };
  const ca = await issueAuthority({ commonName: 'Postern demo CA', ...times });
  const server = await issueServerCertificate(ca, { commonName: `*.${domain}`, dnsNames: [`*.${domain}`], ...times });
  const files = new Map<string, string | Buffer>([
    ['ca.pem', ca.certificatePem],
    ['ca.key', ca.keyPem],
    ['server.pem', server.certificatePem],
    ['server.key', server.keyPem],
  ]);
  for (const { id, name, email } of people) {
    const issued = await issueClientCertificate(ca, { commonName: name, emails: [email], ...times });
    files.set(`people/${id}.pem`, issued.certificatePem);
    files.set(`people/${id}.key`, issued.keyPem);
    files.set(`people/${id}.p12`, pkcs12(name, issued, ca));
  }
  return files;
}

function pkcs12(name: string, issued: Issued, ca: Issued): Buffer {
  const { certificatePem, keyPem } = issued;
  return writePkcs12({
    certificatePem,
    keyPem,
    chainPems: [ca.certificatePem],
    password: pkcs12Password,
    friendlyName: `${name} (Postern demo)`,
  });
}

function write(directory: string, name: string, content: string | Buffer): void {
  const file = join(directory, name);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // Whole or not at all, and never readable for others, not for a moment.
  writeFileSync(`${file}.new`, content, { mode: name.endsWith('.pem') ? 0o644 : 0o600 });
  renameSync(`${file}.new`, file);
}

function hashOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
