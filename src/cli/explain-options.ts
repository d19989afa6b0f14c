import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { SettingsInput } from '../config/read-settings.ts';
import type { HeaderList } from '../http/header-list.ts';
import { isFieldName } from '../http/header-list.ts';
import type { ClaimValue, Person } from '../identity/person.ts';
import type { CommandIo } from './command.ts';
import type { OptionValues, UsageProblem } from './configuration-options.ts';
import { configurationOptions, isUsageProblem, parseCommand, settingsInput } from './configuration-options.ts';

/** One request as somebody at a terminal describes it (contract sections 2.1–2.3). */
export interface Question {
  readonly input: SettingsInput;
  readonly json: boolean;
  readonly method: string;
  /** As written: canonicalisation is the listener's, not the command line's. */
  readonly rawAuthority: string;
  readonly rawTarget: string;
  readonly headers: HeaderList;
  readonly person: Person | undefined;
  /** Leaf first; empty: none was presented. */
  readonly certificates: readonly X509Certificate[];
  readonly sourceIp: string;
  readonly at: number;
  /** Undefined: none is sent. */
  readonly sni: string | undefined;
}

const options = {
  ...configurationOptions,
  json: { type: 'boolean' },
  user: { type: 'string' },
  email: { type: 'string' },
  name: { type: 'string' },
  groups: { type: 'string' },
  claim: { type: 'string', multiple: true },
  'client-cert': { type: 'string' },
  'client-chain': { type: 'string' },
  'source-ip': { type: 'string' },
  header: { type: 'string', multiple: true },
  at: { type: 'string' },
  sni: { type: 'string' },
} as const;

/** Reads the command line of `explain`, or says what is wrong with it. */
export function readQuestion(args: readonly string[], io: CommandIo): Question | UsageProblem {
  const parsed = parseCommand(args, options);
  if (parsed.kind === 'usage') return parsed;
  const { values, positionals } = parsed;
  const [method, url, extra] = positionals;
  if (method === undefined || url === undefined || extra !== undefined)
    return usage('explain takes a method and a URL: postern explain --config FILE GET https://host/path');
  try {
    const input = settingsInput(values, io);
    if (isUsageProblem(input)) return input;
    const { rawAuthority, rawTarget } = splitUrl(url);
    return {
      input,
      json: values['json'] === true,
      method: readMethod(method),
      rawAuthority: onTheWire(rawAuthority),
      rawTarget: onTheWire(rawTarget),
      headers: (list(values, 'header') ?? []).flatMap(readHeader),
      person: readPerson(values),
      certificates: readCertificates(values),
      sourceIp: readSourceIp(text(values, 'source-ip') ?? '127.0.0.1'),
      at: readTime(text(values, 'at'), io),
      sni: readSni(text(values, 'sni'), rawAuthority),
    };
  } catch (error) {
    if (error instanceof UsageError) return usage(error.message);
    throw error;
  }
}

/** Thrown and caught within this file only: it lets the readers below be expressions. */
class UsageError extends Error {}

function usage(message: string): UsageProblem {
  return { kind: 'usage', message };
}

function readMethod(method: string): string {
  if (!isFieldName(method)) throw new UsageError(`Cannot explain the method "${method}": write one word, GET or POST`);
  return method;
}

/** Bytes as Node's parsers hand them on: one character for each, whatever they mean together. */
function onTheWire(typed: string): string {
  return Buffer.from(typed, 'utf8').toString('latin1');
}

/** Not through `new URL()`: it would resolve, decode and lower what the proxy itself has to be seen doing. */
function splitUrl(url: string): { rawAuthority: string; rawTarget: string } {
  if (/^http:\/\//i.test(url))
    throw new UsageError(`Cannot explain "${url}": only https:// is served; insecure_server is not supported yet`);
  const scheme = /^https:\/\//i.exec(url);
  if (scheme === null) throw new UsageError(`Cannot explain "${url}": write the whole URL, https://host/path`);
  const rest = url.slice(scheme[0].length);
  const end = rest.search(/[/?#\\]/);
  const rawAuthority = end === -1 ? rest : rest.slice(0, end);
  const target = end === -1 ? '' : rest.slice(end);
  return { rawAuthority, rawTarget: target === '' || target.startsWith('?') ? `/${target}` : target };
}

function readHeader(header: string): readonly string[] {
  const colon = header.indexOf(':');
  if (colon < 1) throw new UsageError(`Cannot read --header "${header}": write 'Name: value'`);
  return [onTheWire(header.slice(0, colon)), onTheWire(header.slice(colon + 1).trim())];
}

function readPerson(values: OptionValues): Person | undefined {
  const email = text(values, 'email');
  const id = text(values, 'user') ?? email;
  const claims = readClaims(values);
  const name = text(values, 'name');
  if (id === undefined) {
    if (claims.size > 0 || name !== undefined)
      throw new UsageError('--name, --groups and --claim describe somebody signed in: add --user or --email');
    return undefined;
  }
  // What the provider would say beside; `--claim` adds to it.
  for (const [claim, value] of Object.entries({ sub: id, email, name })) {
    if (value !== undefined) claims.set(claim, [value, ...(claims.get(claim) ?? [])]);
  }
  return { id, email, name, claims, sessionId: undefined, expiresAt: Infinity };
}

function readClaims(values: OptionValues): Map<string, readonly ClaimValue[]> {
  const claims = new Map<string, readonly ClaimValue[]>();
  const add = (key: string, added: readonly ClaimValue[]): void => void claims.set(key, [...(claims.get(key) ?? []), ...added]);
  for (const claim of list(values, 'claim') ?? []) {
    const equals = claim.indexOf('=');
    if (equals < 1) throw new UsageError(`Cannot read --claim "${claim}": write name=value or name:=JSON`);
    const isJson = claim[equals - 1] === ':';
    if (isJson) add(claim.slice(0, equals - 1), readJsonClaim(claim, claim.slice(equals + 1)));
    else add(claim.slice(0, equals), [claim.slice(equals + 1)]);
  }
  const groups = text(values, 'groups');
  if (groups !== undefined) add('groups', groups === '' ? [] : groups.split(','));
  return claims;
}

function readJsonClaim(claim: string, json: string): readonly ClaimValue[] {
  const wrong = new UsageError(`Cannot read --claim "${claim}": after := write a JSON number, boolean, null, string or list of those`);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw wrong;
  }
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (!items.every(isClaimValue)) throw wrong;
  return items;
}

function isClaimValue(value: unknown): value is ClaimValue {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function readCertificates(values: OptionValues): readonly X509Certificate[] {
  const leaf = text(values, 'client-cert');
  const chain = text(values, 'client-chain');
  if (leaf === undefined && chain !== undefined)
    throw new UsageError('--client-chain needs --client-cert: a chain without a leaf is nothing a client sends');
  return [leaf, chain].flatMap((file) => (file === undefined ? [] : readPemFile(file)));
}

function readPemFile(file: string): readonly X509Certificate[] {
  try {
    const blocks = readFileSync(file, 'latin1').match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
    if (blocks === null) throw new Error('there is no certificate in it');
    return blocks.map((block) => new X509Certificate(block));
  } catch (error) {
    throw new UsageError(`Cannot read certificates from "${file}": ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readSourceIp(ip: string): string {
  if (isIP(ip) === 0) throw new UsageError(`Cannot read --source-ip "${ip}": write an IPv4 or IPv6 address`);
  // The compressed form of an IPv4-mapped address, however it was written: ::ffff:7f00:1.
  const mapped =
    isIP(ip) === 6 && !ip.includes('%') ? /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(new URL(`http://[${ip}]`).hostname) : null;
  if (mapped === null) return ip;
  const [high, low] = mapped.slice(1).map((group) => Number.parseInt(group, 16));
  return [high, low].flatMap((group = 0) => [group >> 8, group & 255]).join('.');
}

function readTime(at: string | undefined, io: CommandIo): number {
  if (at === undefined) return io.now();
  // A time without an offset is UTC everywhere in Postern, not the zone of the machine it is typed on.
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(at) ? at : `${at.includes('T') ? at : `${at}T00:00`}Z`;
  const time = Date.parse(zoned);
  const day = /^\d{4}-\d\d-\d\d/.exec(at)?.[0];
  // The thirtieth of February is the second of March to `Date.parse`.
  const isDay = day !== undefined && new Date(Date.parse(day) || 0).toISOString().startsWith(day);
  if (!isDay || Number.isNaN(time)) throw new UsageError(`Cannot read --at "${at}": write an ISO 8601 time, 2026-11-21T09:00:00Z`);
  return time;
}

function readSni(sni: string | undefined, rawAuthority: string): string | undefined {
  if (sni !== undefined) return sni === '' ? undefined : sni;
  const host = rawAuthority.replace(/:\d*$/, '');
  // An address is no host name to TLS, so a client sends none (RFC 6066 section 3).
  return isIP(host.replace(/^\[|\]$/g, '')) === 0 && host !== '' ? host : undefined;
}

function text(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

function list(values: OptionValues, name: string): readonly string[] | undefined {
  const value = values[name];
  return Array.isArray(value) ? value.map(String) : undefined;
}
