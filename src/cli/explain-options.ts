import type { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SettingsInput } from '../config/read-settings.ts';
import { isFieldName } from '../http/header-list.ts';
import type { ClaimValue, Person } from '../identity/person.ts';
import type { AskedRequest, AskedUrl } from './asked-request.ts';
import { onTheWire, parseAskedTime, parseSourceIp, sniOf, splitAskedUrl } from './asked-request.ts';
import type { CommandIo } from './command.ts';
import type { OptionValues, UsageProblem } from './configuration-options.ts';
import { configurationOptions, isUsageProblem, parseCommand, settingsInput } from './configuration-options.ts';
import { makeUpPerson } from './make-up-person.ts';
import { readCertificateBlocks } from './read-certificate-blocks.ts';

/** What the command line of `explain` asks for: the request, what it is asked of, and how the answer is wanted. */
export interface Question extends AskedRequest {
  readonly input: SettingsInput;
  readonly json: boolean;
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
    const { scheme, rawAuthority, rawTarget } = readUrl(url);
    return {
      input,
      json: values['json'] === true,
      scheme,
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

function readUrl(url: string): AskedUrl {
  const split = splitAskedUrl(url);
  if (typeof split === 'string') throw new UsageError(`Cannot explain "${url}": ${split}`);
  return split;
}

function readHeader(header: string): readonly string[] {
  const colon = header.indexOf(':');
  if (colon < 1) throw new UsageError(`Cannot read --header "${header}": write 'Name: value'`);
  return [onTheWire(header.slice(0, colon)), onTheWire(header.slice(colon + 1).trim())];
}

function readPerson(values: OptionValues): Person | undefined {
  const claims = readClaims(values);
  const name = text(values, 'name');
  const person = makeUpPerson({ user: text(values, 'user'), email: text(values, 'email'), name, claims });
  if (person === undefined && (claims.size > 0 || name !== undefined))
    throw new UsageError('--name, --groups and --claim describe somebody signed in: add --user or --email');
  return person;
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
  const blocks = readBlocks(file);
  if (typeof blocks === 'string') throw new UsageError(`Cannot read certificates from "${file}": ${blocks}`);
  return blocks;
}

function readBlocks(file: string): readonly X509Certificate[] | string {
  try {
    return readCertificateBlocks(readFileSync(file, 'latin1'));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function readSourceIp(ip: string): string {
  const parsed = parseSourceIp(ip);
  if (parsed === undefined) throw new UsageError(`Cannot read --source-ip "${ip}": write an IPv4 or IPv6 address`);
  return parsed;
}

function readTime(at: string | undefined, io: CommandIo): number {
  const time = at === undefined ? io.now() : parseAskedTime(at);
  if (time === undefined) throw new UsageError(`Cannot read --at "${at}": write an ISO 8601 time, 2026-11-21T09:00:00Z`);
  return time;
}

function readSni(sni: string | undefined, rawAuthority: string): string | undefined {
  if (sni !== undefined) return sni === '' ? undefined : sni;
  return sniOf(rawAuthority);
}

function text(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

function list(values: OptionValues, name: string): readonly string[] | undefined {
  const value = values[name];
  return Array.isArray(value) ? value.map(String) : undefined;
}
