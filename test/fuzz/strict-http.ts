/** A message of HTTP/1.1 as a reader sees it that takes the letter of RFC 9112 and nothing else. */
export interface StrictMessage {
  /** The words of the first line: three of a request, two and a phrase of an answer. */
  readonly start: readonly [string, string, string];
  /** Names in lower case. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** Of an answer without length, whose end is the end of its connection. */
  readonly endsWithConnection: boolean;
}

export interface StrictReading {
  readonly messages: readonly StrictMessage[];
  /** The head that was whole when the bytes ended within its body. */
  readonly begun: Pick<StrictMessage, 'start' | 'fields'> | undefined;
  /** What came after the last whole message: `nothing`, `part` for the beginning of another one, or why it is none. */
  readonly rest: string;
}

/** Reads requests that came one after the other on a connection. */
export function readRequests(bytes: Buffer): StrictReading {
  return readAll(bytes, requestLine, (head) => framingOf(head) ?? 0);
}

/** Reads answers; `methods` are those that were asked, in order, and `isOver` whether the connection has ended. */
export function readAnswers(bytes: Buffer, methods: readonly string[], isOver: boolean): StrictReading {
  let answered = 0;
  return readAll(bytes, statusLine, (head) => {
    const status = Number(head.start[1]);
    if (status < 200) return status === 101 ? 'a switched protocol that nobody asked for' : 0;
    const method = methods[answered];
    answered += 1;
    if (method === undefined) return 'an answer to nothing that was asked';
    const framing = framingOf(head);
    if (typeof framing === 'string' && framing !== 'chunked') return framing;
    if (method === 'HEAD' || status === 204 || status === 304) return 0;
    return framing ?? (isOver ? 'until the end' : 'part');
  });
}

// Node's parser takes several spaces for one, as RFC 9112 section 3 lets it.
const requestLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) +([\x21-\x7e\x80-\xff]+) +(HTTP\/1\.[01])$/;
const statusLine = /^(HTTP\/1\.1) ([1-9]\d\d) ([\t\x20-\x7e\x80-\xff]*)$/;
const fieldLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[\t ]*$/;

type Head = Pick<StrictMessage, 'start' | 'fields'>;
/** A length; `chunked`, `until the end` or `part`; or what is wrong. */
type Framing = number | string;

function readAll(bytes: Buffer, startLine: RegExp, framing: (head: Head) => Framing): StrictReading {
  const text = bytes.toString('latin1');
  const messages: StrictMessage[] = [];
  let at = 0;
  const end = (rest: string, begun?: Head): StrictReading => ({ messages, begun, rest });
  while (at < text.length) {
    // Empty lines before a request are to be ignored (RFC 9112 section 2.2). Node's parser does so with halves of a line end as well.
    if (startLine === requestLine && (text[at] === '\r' || text[at] === '\n')) {
      at += 1;
      continue;
    }
    const headEnd = text.indexOf('\r\n\r\n', at);
    if (headEnd === -1) return end('part');
    const head = readHead(text.slice(at, headEnd), startLine);
    if (typeof head === 'string') return end(head);
    const start = headEnd + 4;
    const how = framing(head);
    if (how === 'chunked') {
      const chunks = readChunks(text, start);
      if (typeof chunks === 'string') return end(chunks, head);
      messages.push({ ...head, body: Buffer.from(chunks.body, 'latin1'), endsWithConnection: false });
      at = chunks.end;
    } else if (how === 'until the end' || typeof how === 'number') {
      const length = typeof how === 'number' ? how : text.length - start;
      if (start + length > text.length) return end('part', head);
      messages.push({ ...head, body: bytes.subarray(start, start + length), endsWithConnection: how === 'until the end' });
      at = start + length;
    } else return end(how, how === 'part' ? head : undefined);
  }
  return end('nothing');
}

function readHead(text: string, startLine: RegExp): Head | string {
  const [first = '', ...lines] = text.split('\r\n');
  const [, a, b, c] = startLine.exec(first) ?? [];
  if (a === undefined || b === undefined || c === undefined) return `no first line: ${JSON.stringify(first.slice(0, 80))}`;
  const fields: (readonly [string, string])[] = [];
  for (const line of lines) {
    const [, name, value] = fieldLine.exec(line) ?? [];
    if (name === undefined || value === undefined) return `no field: ${JSON.stringify(line.slice(0, 80))}`;
    fields.push([name.toLowerCase(), value]);
  }
  return { start: [a, b, c], fields };
}

/** Undefined: nothing is said of a body. */
function framingOf({ start, fields }: Head): Framing | undefined {
  const lengths = fields.filter(([name]) => name === 'content-length').map(([, value]) => value);
  const codings = fields.filter(([name]) => name === 'transfer-encoding').map(([, value]) => value);
  if (lengths.length + codings.length > 1) return 'two framings';
  const [coding] = codings;
  if (coding !== undefined) return coding.toLowerCase() === 'chunked' && start[2] !== 'HTTP/1.0' ? 'chunked' : 'an unknown coding';
  const [length] = lengths;
  if (length === undefined) return undefined;
  return /^\d{1,15}$/.test(length) ? Number(length) : 'a length that is none';
}

function readChunks(text: string, from: number): { readonly body: string; readonly end: number } | string {
  let body = '';
  for (let at = from; ;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd === -1) return 'part';
    const [, size] = /^([0-9A-Fa-f]{1,8})(?:[\t ]*;[\t\x20-\x7e\x80-\xff]*)?$/.exec(text.slice(at, lineEnd)) ?? [];
    if (size === undefined) return 'no size of a chunk';
    const start = lineEnd + 2;
    const length = Number.parseInt(size, 16);
    if (length === 0) return readTrailers(text, start, body);
    if (start + length + 2 > text.length) return 'part';
    if (text.slice(start + length, start + length + 2) !== '\r\n') return 'a chunk that is longer than it says';
    body += text.slice(start, start + length);
    at = start + length + 2;
  }
}

function readTrailers(text: string, from: number, body: string): { readonly body: string; readonly end: number } | string {
  for (let at = from; ;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd === -1) return 'part';
    if (lineEnd === at) return { body, end: at + 2 };
    if (!fieldLine.test(text.slice(at, lineEnd))) return 'no trailer field';
    at = lineEnd + 2;
  }
}

export function fieldOf({ fields }: Pick<StrictMessage, 'fields'>, name: string): string | undefined {
  return fields.find(([each]) => each === name)?.[1];
}

/** Without those that come before an answer (1xx). */
export function finalAnswers({ messages }: Pick<StrictReading, 'messages'>): readonly StrictMessage[] {
  return messages.filter(({ start }) => start[1] >= '200');
}
