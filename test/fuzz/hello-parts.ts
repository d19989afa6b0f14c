/** A ClientHello taken apart, so that it can be put together again with every length right. */
export interface HelloParts {
  /** Version, random, session id, ciphers and compressions, as they stand. */
  readonly start: Buffer;
  readonly extensions: readonly HelloExtension[];
}

export interface HelloExtension {
  readonly type: number;
  readonly content: Buffer;
}

/** The parts of records that hold one whole, sound hello with extensions; undefined for everything else. */
export function takeHelloApart(records: Buffer): HelloParts | undefined {
  try {
    const message = messageIn(records);
    const body = message.subarray(4, 4 + message.readUIntBE(1, 3));
    let at = 34;
    at += 1 + body.readUInt8(at);
    at += 2 + body.readUInt16BE(at);
    at += 1 + body.readUInt8(at);
    return { start: body.subarray(0, at), extensions: extensionsIn(body.subarray(at + 2, at + 2 + body.readUInt16BE(at))) };
  } catch (error) {
    // Mutants are mostly no hello any more.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export function putHelloTogether({ start, extensions }: HelloParts): Buffer {
  const list = extensions.map(({ type, content }) => Buffer.concat([number(2, type), vector(2, content)]));
  return Buffer.concat([Buffer.of(1), vector(3, Buffer.concat([start, vector(2, Buffer.concat(list))]))]);
}

/** A server_name extension of these entries. */
export function serverNameExtension(...entries: readonly { readonly type: number; readonly name: Buffer }[]): HelloExtension {
  const list = entries.map(({ type, name }) => Buffer.concat([number(1, type), vector(2, name)]));
  return { type: 0, content: vector(2, Buffer.concat(list)) };
}

/** Records of these sizes over and over, and what is left in the last. */
export function inRecordsOf(message: Buffer, sizes: readonly number[]): Buffer {
  const records: Buffer[] = [];
  for (let at = 0, turn = 0; at < message.length; turn += 1) {
    const part = message.subarray(at, at + (sizes[turn % sizes.length] ?? message.length));
    records.push(Buffer.from([22, 3, 1]), vector(2, part));
    at += Math.max(1, part.length);
  }
  return Buffer.concat(records);
}

function messageIn(records: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 5 <= records.length;) {
    const length = records.readUInt16BE(at + 3);
    parts.push(records.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  return Buffer.concat(parts);
}

function extensionsIn(list: Buffer): readonly HelloExtension[] {
  const extensions: HelloExtension[] = [];
  for (let at = 0; at < list.length;) {
    const length = list.readUInt16BE(at + 2);
    extensions.push({ type: list.readUInt16BE(at), content: list.subarray(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return extensions;
}

function vector(width: number, content: Buffer): Buffer {
  return Buffer.concat([number(width, content.length), content]);
}

/** Cut to its width: a content that is too long gets a length that lies. */
function number(width: number, value: number): Buffer {
  const bytes = Buffer.alloc(width);
  bytes.writeUIntBE(value % 256 ** width, 0, width);
  return bytes;
}
