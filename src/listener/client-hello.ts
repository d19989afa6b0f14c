/** What the first bytes of a connection turned out to be. */
export type ClientHelloReading =
  | { readonly kind: 'incomplete' }
  /** `serverName` is as sent, one character a byte; undefined when there is no SNI. */
  | { readonly kind: 'hello'; readonly serverName: string | undefined }
  /** An upper-case letter where TLS has 0x16: a method of HTTP in the clear. */
  | { readonly kind: 'plain-http' }
  | { readonly kind: 'malformed'; readonly reason: string };

export interface ClientHelloReader {
  /** Takes the next bytes of the connection. Work is linear in the bytes, however finely they are cut. */
  push(chunk: Uint8Array): ClientHelloReading;
}

/**
 * Reads the SNI out of a ClientHello that may be spread over any number of TLS records (RFC 8446 section 5.1) and TCP segments:
 * a reader that looks at the first segment only can be told another name than OpenSSL is (CVE-2026-32305).
 */
export function createClientHelloReader(maxBytes: number): ClientHelloReader {
  // Grown as needed: ten thousand half-open connections must not hold the largest hello each.
  let message = Buffer.alloc(2_048);
  let messageLength = 0;
  const header = Buffer.alloc(recordHeaderLength);
  let headerLength = 0;
  let payloadLeft = 0;
  let total = 0;

  function takeHeader(chunk: Uint8Array, from: number): number {
    const taken = chunk.subarray(from, from + recordHeaderLength - headerLength);
    header.set(taken, headerLength);
    headerLength += taken.length;
    return from + taken.length;
  }

  function takePayload(chunk: Uint8Array, from: number): number {
    const taken = chunk.subarray(from, from + payloadLeft);
    if (messageLength + taken.length > message.length) message = Buffer.concat([message], 2 * (messageLength + taken.length));
    message.set(taken, messageLength);
    messageLength += taken.length;
    payloadLeft -= taken.length;
    if (payloadLeft === 0) headerLength = 0;
    return from + taken.length;
  }

  return {
    push(chunk) {
      total += chunk.length;
      if (total > maxBytes) return tooLarge(maxBytes);
      let at = 0;
      while (at < chunk.length) {
        if (headerLength < recordHeaderLength) {
          at = takeHeader(chunk, at);
          const fault = recordFault(header.subarray(0, headerLength));
          if (fault !== undefined) return fault;
          if (headerLength === recordHeaderLength) payloadLeft = header.readUInt16BE(3);
        } else {
          at = takePayload(chunk, at);
          const reading = readMessage(message.subarray(0, messageLength), maxBytes);
          if (reading.kind !== 'incomplete') return reading;
        }
      }
      return { kind: 'incomplete' };
    },
  };
}

const recordHeaderLength = 5;
const messageHeaderLength = 4;
const maxRecordLength = 2 ** 14;
const handshakeRecord = 22;
const clientHelloMessage = 1;

function recordFault(header: Buffer): ClientHelloReading | undefined {
  const type = header[0] ?? handshakeRecord;
  if (type >= 0x41 && type <= 0x5a) return { kind: 'plain-http' };
  if (type !== handshakeRecord) return malformed('the first bytes are no TLS handshake');
  if ((header[1] ?? 3) !== 3) return malformed('the record has an unknown version');
  if (header.length < recordHeaderLength) return undefined;
  const length = header.readUInt16BE(3);
  return length === 0 || length > maxRecordLength ? malformed(`the record has ${length} bytes`) : undefined;
}

function readMessage(message: Buffer, maxBytes: number): ClientHelloReading {
  if (message.length > 0 && message[0] !== clientHelloMessage) return malformed('the first message is no ClientHello');
  if (message.length < messageHeaderLength) return { kind: 'incomplete' };
  const end = messageHeaderLength + message.readUIntBE(1, 3);
  if (end > maxBytes) return tooLarge(maxBytes);
  if (message.length < end) return { kind: 'incomplete' };
  const serverName = readServerName(new Fields(message.subarray(messageHeaderLength, end)));
  return typeof serverName === 'object' ? serverName : { kind: 'hello', serverName };
}

/** RFC 8446 section 4.1.2, with the extensions left out as TLS 1.2 allows. */
function readServerName(hello: Fields): string | undefined | ClientHelloReading {
  hello.skip(2 + 32);
  hello.vector(1);
  hello.vector(2);
  hello.vector(1);
  if (hello.ok && hello.left === 0) return undefined;
  const extensions = new Fields(hello.vector(2));
  if (!hello.ok || hello.left !== 0) return malformed('the ClientHello does not parse');
  const seen = new Set<number>();
  let serverName: string | undefined;
  while (extensions.left > 0) {
    const type = extensions.number(2);
    const content = extensions.vector(2);
    // Of two SNI extensions another reader may take the other one (RFC 8446 section 4.2 forbids them).
    if (!extensions.ok || seen.has(type)) return malformed('the extensions do not parse');
    seen.add(type);
    if (type !== 0) continue;
    serverName = hostName(new Fields(content));
    if (serverName === undefined) return malformed('the server name does not parse');
  }
  return serverName;
}

/** Exactly one name of type host_name: RFC 6066 section 3, and what OpenSSL accepts. */
function hostName(content: Fields): string | undefined {
  const list = new Fields(content.vector(2));
  const type = list.number(1);
  const name = list.vector(2);
  const whole = content.ok && content.left === 0 && list.ok && list.left === 0;
  if (!whole || type !== 0 || name.length === 0 || name.length > 255 || name.includes(0)) return undefined;
  return name.toString('latin1');
}

/** Reads fields one after the other; once one is short, `ok` is false and every further one is empty. */
class Fields {
  #bytes: Buffer;
  ok = true;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length;
  }

  skip(length: number): Buffer {
    if (length > this.#bytes.length) this.ok = false;
    const taken = this.ok ? this.#bytes.subarray(0, length) : Buffer.alloc(0);
    this.#bytes = this.#bytes.subarray(taken.length);
    return taken;
  }

  number(width: number): number {
    const bytes = this.skip(width);
    return this.ok ? bytes.readUIntBE(0, width) : 0;
  }

  /** The content of a vector whose length is written in `width` bytes before it. */
  vector(width: number): Buffer {
    return this.skip(this.number(width));
  }
}

function tooLarge(maxBytes: number): ClientHelloReading {
  return malformed(`the ClientHello is larger than ${maxBytes} bytes`);
}

function malformed(reason: string): ClientHelloReading {
  return { kind: 'malformed', reason };
}
