import type { HeaderList } from '../http/header-list.ts';
import type { WireHeaders } from './wire-parts.ts';

/** A request of HTTP/1.1 without a body, whose head is all that came. */
export interface SimpleHead {
  readonly method: string;
  readonly rawTarget: string;
  readonly fields: SimpleFields;
}

export interface SimpleFields extends WireHeaders {
  /** The client asked for its connection to end with the answer. */
  readonly closes: boolean;
}

/**
 * Reads requests about which there can be no two opinions: everything that is framing, that could announce a body or another protocol, or
 * that Node's parser might refuse or read differently is left to that parser. One reader serves one connection: clients repeat themselves,
 * and fields that are byte for byte those of the request before need not be proven again.
 */
export class SimpleHeadReader {
  readonly #maxBytes: number;
  readonly #maxFields: number;
  #lastText = '';
  #lastFields: SimpleFields | undefined;

  constructor(limits: { readonly headBytes: number; readonly headFields: number }) {
    // Node counts without spaces and line ends: whoever is below it here is below it there.
    this.#maxBytes = Math.min(limits.headBytes, mostBytes);
    this.#maxFields = limits.headFields;
  }

  /** Undefined for whatever is not certainly one whole simple request and nothing behind it. */
  read(bytes: Buffer): SimpleHead | undefined {
    if (bytes.length >= this.#maxBytes || bytes[bytes.length - 1] !== lineFeed) return undefined;
    const text = bytes.toString('latin1');
    const method = methodOf(text);
    if (method === undefined) return undefined;
    const lineEnd = text.indexOf('\r\n');
    const targetEnd = lineEnd - version.length;
    if (!text.startsWith(version, targetEnd)) return undefined;
    const rawTarget = text.slice(method.length + 1, targetEnd);
    if (!simpleTarget.test(rawTarget)) return undefined;
    const fields = this.#readFields(text.slice(lineEnd + 2), bytes);
    return fields === undefined ? undefined : { method, rawTarget, fields };
  }

  #readFields(text: string, bytes: Buffer): SimpleFields | undefined {
    if (text === this.#lastText) return this.#lastFields;
    if (!fieldLines.test(text)) return undefined;
    const fields = splitFields(text, bytes, this.#maxFields);
    if (fields !== undefined && text.length <= mostRemembered) {
      this.#lastText = text;
      this.#lastFields = fields;
    }
    return fields;
  }
}

function splitFields(text: string, bytes: Buffer, maxFields: number): SimpleFields | undefined {
  const headers: string[] = [];
  const offset = bytes.length - text.length;
  let rawAuthority: string | undefined;
  let authorityCount = 0;
  let connection: string | undefined;
  for (let at = 0; at < text.length - 2;) {
    const colon = text.indexOf(':', at);
    const lineEnd = text.indexOf('\r\n', colon);
    const name = text.slice(at, colon);
    const start = skipSpace(text, colon + 1);
    const end = Math.max(start, trimSpace(text, lineEnd));
    at = lineEnd + 2;
    const known = knownLengths.has(name.length) ? knownNames.get(name.toLowerCase()) : undefined;
    if (known === 'framing') return undefined;
    // A part of a string keeps the whole of it, and these are what others remember for long.
    const value = known === 'credential' ? bytes.toString('latin1', offset + start, offset + end) : text.slice(start, end);
    if (known === 'host') {
      rawAuthority ??= value;
      authorityCount += 1;
      continue;
    }
    if (known === 'connection') {
      if (connection !== undefined) return undefined;
      connection = value.toLowerCase();
    }
    headers.push(name, value);
  }
  if (headers.length / 2 + authorityCount > maxFields) return undefined;
  if (connection !== undefined && connection !== 'keep-alive' && connection !== 'close') return undefined;
  return { rawAuthority, authorityCount, headers: headers satisfies HeaderList, closes: connection === 'close' };
}

/** Of those that have no body by custom. */
function methodOf(text: string): string | undefined {
  return methods.find((method) => text.startsWith(method) && text.charCodeAt(method.length) === space);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

function trimSpace(text: string, to: number): number {
  let end = to;
  while (isSpace(text.charCodeAt(end - 1))) end -= 1;
  return end;
}

function isSpace(code: number): boolean {
  return code === space || code === tab;
}

const tab = 0x09;
const lineFeed = 0x0a;
const space = 0x20;
const mostBytes = 16 * 1024;
const mostRemembered = 4 * 1024;
const methods: readonly string[] = ['GET', 'HEAD', 'OPTIONS', 'DELETE'];
const version = ' HTTP/1.1';
/** In origin form, without the fragment that no client sends. */
const simpleTarget = /^\/[!"$-~]*$/;
// oxlint-disable-next-line no-control-regex -- a field value may hold TAB and no other control character
const fieldLines = /^(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n)+\r\n$/;

/** `framing`: with one of these a request is not simple. */
type Known = 'framing' | 'connection' | 'host' | 'credential';

const knownNames: ReadonlyMap<string, Known> = new Map<string, Known>([
  ['host', 'host'],
  ['connection', 'connection'],
  ['cookie', 'credential'],
  ['authorization', 'credential'],
  ['content-length', 'framing'],
  ['expect', 'framing'],
  ['http2-settings', 'framing'],
  ['proxy-connection', 'framing'],
  ['te', 'framing'],
  ['trailer', 'framing'],
  ['transfer-encoding', 'framing'],
  ['upgrade', 'framing'],
]);
const knownLengths: ReadonlySet<number> = new Set([...knownNames.keys()].map((name) => name.length));
