import { X509Certificate, createPrivateKey, randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import type { Issued } from '../certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate, issueServerCertificate } from '../certificate/issue-certificate.ts';
import { writePkcs12 } from '../certificate/write-pkcs12.ts';
import type { CertCommand } from './cert-command.ts';
import { certUsage, readCertCommand } from './cert-command.ts';
import { nextRevocationList } from './next-revocation-list.ts';

export interface CertIo {
  out(text: string): void;
  err(text: string): void;
  /** Milliseconds since 1970. */
  now(): number;
}

/**
 * `postern cert ca|server|client|crl`: certificates for trying things out and for small installations. Answers the exit status:
 * 0 written, 1 something in the way (a file that exists, an authority that can't be read), 2 a command line that is wrong.
 */
export async function runCert(args: readonly string[], io: CertIo): Promise<number> {
  const command = readCertCommand(args);
  if (typeof command === 'string') {
    io.err(`${command}\n\n${certUsage}\n`);
    return 2;
  }
  try {
    const outcome = await execute(command, io.now());
    if (typeof outcome === 'string') {
      io.err(`${outcome}\n`);
      return 1;
    }
    io.out(`${outcome.report.join('\n')}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'path' in error)) throw error;
    io.err(`Cannot read or write "${String(error.path)}": ${String(error.code)}\n`);
    return 1;
  }
}

interface Outcome {
  readonly report: readonly string[];
}

interface OutputFile {
  readonly file: string;
  readonly content: string | Buffer;
  /** Whether only its owner may read it. */
  readonly secret: boolean;
}

async function execute(command: CertCommand, now: number): Promise<Outcome | string> {
  if (command.kind === 'ca') return makeAuthority(command, now);
  const ca = await readAuthority(command.ca, now);
  if (typeof ca === 'string') return ca;
  if (command.kind === 'crl') return makeList(command, ca, now);
  return command.kind === 'server' ? makeServer(command, ca, now) : makeClient(command, ca, now);
}

const hourMs = 3_600_000;

// An hour back: clocks differ, and a certificate "not yet valid" on the next machine is a puzzle.
function validity(command: CertCommand, now: number, ca?: Issued): { readonly from: Date; readonly to: Date } {
  const to = now + command.days * 24 * hourMs;
  const limit = ca?.certificate.validToDate.getTime() ?? Infinity;
  return { from: new Date(now - hourMs), to: new Date(Math.min(to, limit)) };
}

async function makeAuthority(command: CertCommand, now: number): Promise<Outcome | string> {
  // Some letters of chance: two authorities of one name can't be told apart in a browser's list.
  const commonName = command.name ?? `Postern CA ${randomBytes(3).toString('hex')}`;
  const issued = await issueAuthority({ commonName, pathLength: 0, ...validity(command, now) });
  const [pem, key] = [join(command.out, 'ca.pem'), join(command.out, 'ca.key')];
  return write(
    command,
    [certificateFile(pem, issued), keyFile(key, issued)],
    [
      `Whoever has ${key} can make certificates that Postern accepts: keep it off the proxy.`,
      `Next: write client_ca_file: ${resolve(pem)} in the configuration, then make certificates with`,
      `  postern cert client --ca ${command.out} --email alice@example.com`,
      `  postern cert server --ca ${command.out} app.example.com`,
    ],
  );
}

async function makeServer(command: CertCommand, ca: Issued, now: number): Promise<Outcome | string> {
  const [first = ''] = command.operands;
  const issued = await issueServerCertificate(ca, {
    commonName: first.length <= 64 ? first : 'Server',
    dnsNames: command.operands.filter((host) => isIP(host) === 0).map((host) => host.toLowerCase()),
    ipAddresses: command.operands.filter((host) => isIP(host) !== 0),
    ...validity(command, now, ca),
  });
  const base = join(command.out, first.toLowerCase().replace('*', '_wildcard').replaceAll(':', '-'));
  const [pem, key] = [`${base}.pem`, `${base}.key`];
  return write(
    command,
    [certificateFile(pem, issued), keyFile(key, issued)],
    [
      `Next: write certificate_file: ${resolve(pem)}\n      and certificate_key_file: ${resolve(key)} in the configuration,`,
      `and let the visitors' browsers trust ${join(command.ca, 'ca.pem')} as an authority for web sites.`,
    ],
  );
}

async function makeClient(command: CertCommand, ca: Issued, now: number): Promise<Outcome | string> {
  const { email, password = 'changeit', name = email.slice(0, 64) } = command;
  const issued = await issueClientCertificate(ca, { commonName: name, emails: [email], ...validity(command, now, ca) });
  const base = join(command.out, email);
  const [pem, key, p12] = [`${base}.pem`, `${base}.key`, `${base}.p12`];
  const { certificatePem, keyPem } = issued;
  const bundle = writePkcs12({ certificatePem, keyPem, chainPems: [ca.certificatePem], password, friendlyName: name });
  return write(
    command,
    [certificateFile(pem, issued), keyFile(key, issued), { file: p12, content: bundle, secret: true }],
    [
      command.password === undefined
        ? `The password of ${p12} is "changeit"; choose another with --password.`
        : `${p12} has the password given.`,
      `Next: import ${p12} in the browser, or try it with`,
      `  curl --cert ${pem} --key ${key} https://app.example.com/`,
    ],
  );
}

async function makeList(command: CertCommand, ca: Issued, now: number): Promise<Outcome | string> {
  const file = join(command.out, 'crl.pem');
  const list = await nextRevocationList({ ...command, ca, file, ...validity(command, now, ca), now: new Date(now) });
  if (typeof list === 'string') return list;
  // It is what the list before was continued as, so taking its place loses nothing.
  return write(
    { ...command, force: true },
    [{ file, content: list.pem, secret: false }],
    [
      `Number ${list.number}, entries: ${list.entries}. Make the next one before ${list.to.toISOString()}, also when nothing`,
      'changed: with a list that is overdue, Postern lets in nobody who has a certificate of this authority.',
      `Next: write downstream_mtls: {crl_file: ${resolve(file)}} in the configuration.`,
    ],
  );
}

function certificateFile(file: string, issued: Issued): OutputFile {
  return { file, content: issued.certificatePem, secret: false };
}

function keyFile(file: string, issued: Issued): OutputFile {
  return { file, content: issued.keyPem, secret: true };
}

/** Writes all files or, when one is in the way, none. */
async function write(command: CertCommand, files: readonly OutputFile[], next: readonly string[]): Promise<Outcome | string> {
  if (!command.force) {
    for (const { file } of files) if (await exists(file)) return `Cannot write "${file}": it exists, add --force to replace it`;
  }
  await mkdir(command.out, { recursive: true, mode: 0o700 });
  for (const { file, content, secret } of files) {
    const mode = secret ? 0o600 : 0o644;
    if (command.force && (await exists(file))) await chmod(file, mode);
    // `wx` keeps the promise also against somebody who writes at the same moment.
    await writeFile(file, content, { mode, flag: command.force ? 'w' : 'wx' });
  }
  return { report: [...files.map(({ file }) => `Wrote ${file}`), ...next] };
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}

async function readAuthority(directory: string, now: number): Promise<Issued | string> {
  const [certificateName, keyName] = [join(directory, 'ca.pem'), join(directory, 'ca.key')];
  const [certificatePem, keyPem] = [await readFile(certificateName, 'utf8'), await readFile(keyName, 'utf8')];
  const certificate = parse(() => new X509Certificate(certificatePem));
  const key = parse(() => createPrivateKey(keyPem));
  if (certificate === undefined || !certificate.ca)
    return `Cannot use "${certificateName}": expected the certificate of an authority, in PEM`;
  if (key === undefined || !certificate.checkPrivateKey(key))
    return `Cannot use "${keyName}": expected the key of "${certificateName}", in PEM without a password`;
  if (now > certificate.validToDate.getTime())
    return `Cannot use "${certificateName}": it expired at ${certificate.validToDate.toISOString()}`;
  return { certificatePem, keyPem, certificate };
}

function parse<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    // Whatever OpenSSL says about the file, the answer to the operator is what was expected in it.
    return undefined;
  }
}
