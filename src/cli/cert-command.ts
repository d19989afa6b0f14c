import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { parseHostname } from '../http/hostname.ts';

export const certUsage: string = `Usage: postern cert ca     --out DIR [--name CN] [--days N] [--force]
       postern cert server --ca DIR HOST… [--out DIR] [--days N] [--force]
       postern cert client --ca DIR --email ADDRESS [--name CN] [--out DIR] [--days N] [--password P] [--force]`;

export interface CertCommand {
  readonly kind: 'ca' | 'server' | 'client';
  /** Where the files go. */
  readonly out: string;
  /** Where the authority's files are. */
  readonly ca: string;
  readonly name: string | undefined;
  readonly email: string;
  readonly hosts: readonly string[];
  readonly days: number;
  readonly password: string | undefined;
  readonly force: boolean;
}

/** What the command line asks for, or what is wrong with it. */
export function readCertCommand(args: readonly string[]): CertCommand | string {
  const [kind, ...rest] = args;
  if (kind !== 'ca' && kind !== 'server' && kind !== 'client')
    return `Cannot run "postern cert ${kind ?? ''}": expected ca, server or client`;
  const line = readLine(kind, rest);
  if (typeof line === 'string') return line;
  const { values, hosts } = line;
  const ca = values.get('ca') ?? '';
  const out = values.get('out') ?? ca;
  const days = Number(values.get('days') ?? defaultDays[kind]);
  const command: Omit<CertCommand, 'password' | 'force'> = {
    kind,
    ca,
    out,
    days,
    hosts,
    name: values.get('name'),
    email: values.get('email') ?? '',
  };
  const problem = problemOf(command);
  return problem ?? { ...command, password: values.get('password'), force: values.has('force') };
}

// Ten years for an authority; for a server what browsers take at most (398 days); a year for a person.
const defaultDays = { ca: 3650, server: 397, client: 365 };
const allowedOptions: Readonly<Record<CertCommand['kind'], readonly string[]>> = {
  ca: ['out', 'name', 'days', 'force'],
  server: ['ca', 'out', 'days', 'force'],
  client: ['ca', 'email', 'name', 'out', 'days', 'password', 'force'],
};

interface Line {
  readonly values: ReadonlyMap<string, string>;
  readonly hosts: readonly string[];
}

function readLine(kind: CertCommand['kind'], args: readonly string[]): Line | string {
  const allowed = allowedOptions[kind];
  const options = Object.fromEntries(allowed.map((name) => [name, { type: name === 'force' ? 'boolean' : 'string' } as const]));
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const values = new Map<string, string>();
  const hosts: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') hosts.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    if (!allowed.includes(name)) return `Cannot read "${rawName}": no such option of "postern cert ${kind}"`;
    if (values.has(name)) return `Cannot read "${rawName}" twice: give it once`;
    if ((value === undefined) !== (name === 'force'))
      return `Cannot read "${rawName}": expected ${name === 'force' ? 'no value' : 'a value'}`;
    values.set(name, value ?? '');
  }
  return { values, hosts };
}

function problemOf({ kind, ca, out, days, hosts, name, email }: Omit<CertCommand, 'password' | 'force'>): string | undefined {
  if (kind === 'ca' && out === '') return 'Cannot make an authority without --out: name the directory for its files';
  if (kind !== 'ca' && ca === '') return `Cannot make a ${kind} certificate without --ca: name the directory "postern cert ca" wrote`;
  if (!Number.isInteger(days) || days < 1 || days > 36_500) return 'Cannot read --days: expected a whole number from 1 to 36500';
  if (name !== undefined && !/^[^\p{Cc}]{1,64}$/u.test(name))
    return `Cannot use --name "${name}": expected 1 to 64 characters, none of them control characters`;
  if (kind === 'client' && !isEmail(email)) return `Cannot use --email "${email}": expected an address like alice@example.com`;
  if (kind === 'server' && hosts.length === 0)
    return 'Cannot make a server certificate without a host: write its names, such as app.example.com';
  // Its files would be the authority's own.
  if (kind === 'server' && hosts[0]?.toLowerCase() === 'ca')
    return 'Cannot use "ca" as the first host: its files would replace those of the authority, write another name first';
  const bad = hosts.find((host) => kind !== 'server' || !isHost(host));
  return bad === undefined
    ? undefined
    : `Cannot use "${bad}": expected ${kind === 'server' ? 'a host name, *.name or an IP address' : 'options only'}`;
}

// The address becomes a file name and an IA5String: ASCII only, and nothing that means something in a path.
function isEmail(text: string): boolean {
  return /^[A-Za-z0-9._+=~'-]{1,64}@[A-Za-z0-9.-]{1,253}$/.test(text) && parseHostname(text.slice(text.indexOf('@') + 1)) !== undefined;
}

function isHost(text: string): boolean {
  return isIP(text) !== 0 || parseHostname(text.startsWith('*.') ? text.slice(2) : text) !== undefined;
}
