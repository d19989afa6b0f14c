import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { parseHostname } from '../http/hostname.ts';

export const certUsage: string = `Usage: postern cert ca     --out DIR [--name CN] [--days N] [--force]
       postern cert server --ca DIR HOST… [--out DIR] [--days N] [--force]
       postern cert client --ca DIR --email ADDRESS [--name CN] [--out DIR] [--days N] [--password P] [--force]
       postern cert crl    --ca DIR [FILE|SERIAL…] [--out DIR] [--days N] [--number N] [--force]`;

export interface CertCommand {
  readonly kind: 'ca' | 'server' | 'client' | 'crl';
  /** Where the files go. */
  readonly out: string;
  /** Where the authority's files are. */
  readonly ca: string;
  readonly name: string | undefined;
  readonly email: string;
  /** Hosts of a server; files and serial numbers to revoke. */
  readonly operands: readonly string[];
  readonly days: number;
  /** Of a revocation list; undefined: one more than that of the list before. */
  readonly number: bigint | undefined;
  readonly password: string | undefined;
  readonly force: boolean;
}

/** What the command line asks for, or what is wrong with it. */
export function readCertCommand(args: readonly string[]): CertCommand | string {
  const [kind, ...rest] = args;
  if (kind !== 'ca' && kind !== 'server' && kind !== 'client' && kind !== 'crl')
    return `Cannot run "postern cert ${kind ?? ''}": expected ca, server, client or crl`;
  const line = readLine(kind, rest);
  if (typeof line === 'string') return line;
  const { values, operands } = line;
  const ca = values.get('ca') ?? '';
  const out = values.get('out') ?? ca;
  const days = Number(values.get('days') ?? defaultDays[kind]);
  const command: Omit<CertCommand, 'password' | 'force'> = {
    kind,
    ca,
    out,
    days,
    operands,
    number: readNumber(values.get('number')),
    name: values.get('name'),
    email: values.get('email') ?? '',
  };
  const problem = problemOf(command, values);
  return problem ?? { ...command, password: values.get('password'), force: values.has('force') };
}

// Ten years for an authority; for a server what browsers take at most (398 days); a year for a person; three months for a list.
const defaultDays = { ca: 3650, server: 397, client: 365, crl: 90 };
const allowedOptions: Readonly<Record<CertCommand['kind'], readonly string[]>> = {
  ca: ['out', 'name', 'days', 'force'],
  server: ['ca', 'out', 'days', 'force'],
  client: ['ca', 'email', 'name', 'out', 'days', 'password', 'force'],
  crl: ['ca', 'out', 'days', 'number', 'force'],
};

interface Line {
  readonly values: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
}

function readLine(kind: CertCommand['kind'], args: readonly string[]): Line | string {
  const allowed = allowedOptions[kind];
  const options = Object.fromEntries(allowed.map((name) => [name, { type: name === 'force' ? 'boolean' : 'string' } as const]));
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const values = new Map<string, string>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    if (!allowed.includes(name)) return `Cannot read "${rawName}": no such option of "postern cert ${kind}"`;
    if (values.has(name)) return `Cannot read "${rawName}" twice: give it once`;
    if ((value === undefined) !== (name === 'force'))
      return `Cannot read "${rawName}": expected ${name === 'force' ? 'no value' : 'a value'}`;
    values.set(name, value ?? '');
  }
  return { values, operands };
}

function problemOf(command: Omit<CertCommand, 'password' | 'force'>, values: Line['values']): string | undefined {
  const { kind, ca, out, days, number, operands, name, email } = command;
  if (kind === 'ca' && out === '') return 'Cannot make an authority without --out: name the directory for its files';
  if (kind !== 'ca' && ca === '')
    return `Cannot make a ${kind === 'crl' ? 'revocation list' : `${kind} certificate`} without --ca: name the directory "postern cert ca" wrote`;
  if (!Number.isInteger(days) || days < 1 || days > 36_500) return 'Cannot read --days: expected a whole number from 1 to 36500';
  if (values.has('number') && number === undefined) return `Cannot read --number "${values.get('number')}": expected a whole number`;
  if (name !== undefined && !/^[^\p{Cc}]{1,64}$/u.test(name))
    return `Cannot use --name "${name}": expected 1 to 64 characters, none of them control characters`;
  if (kind === 'client' && !isEmail(email)) return `Cannot use --email "${email}": expected an address like alice@example.com`;
  if (kind === 'server' && operands.length === 0)
    return 'Cannot make a server certificate without a host: write its names, such as app.example.com';
  // Its files would be the authority's own.
  if (kind === 'server' && operands[0]?.toLowerCase() === 'ca')
    return 'Cannot use "ca" as the first host: its files would replace those of the authority, write another name first';
  const bad = kind === 'crl' ? undefined : operands.find((host) => kind !== 'server' || !isHost(host));
  return bad === undefined
    ? undefined
    : `Cannot use "${bad}": expected ${kind === 'server' ? 'a host name, *.name or an IP address' : 'options only'}`;
}

// RFC 5280 section 5.2.3 allows 20 bytes.
function readNumber(text: string | undefined): bigint | undefined {
  return text !== undefined && /^\d{1,47}$/.test(text) ? BigInt(text) : undefined;
}

// The address becomes a file name and an IA5String: ASCII only, and nothing that means something in a path.
function isEmail(text: string): boolean {
  return /^[A-Za-z0-9._+=~'-]{1,64}@[A-Za-z0-9.-]{1,253}$/.test(text) && parseHostname(text.slice(text.indexOf('@') + 1)) !== undefined;
}

function isHost(text: string): boolean {
  return isIP(text) !== 0 || parseHostname(text.startsWith('*.') ? text.slice(2) : text) !== undefined;
}
