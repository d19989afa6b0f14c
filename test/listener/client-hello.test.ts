import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { before, describe, it } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { connect } from 'node:tls';
import type { ClientHelloReading } from '../../src/listener/client-hello.ts';
import { createClientHelloReader } from '../../src/listener/client-hello.ts';

const limit = 64 * 1024;

describe('createClientHelloReader()', () => {
  let modern: Buffer;
  let old: Buffer;
  let nameless: Buffer;

  before(async () => {
    modern = await recordClientHello({ servername: 'A.test' });
    old = await recordClientHello({ servername: 'a.test.', maxVersion: 'TLSv1.2', minVersion: 'TLSv1.2' });
    nameless = await recordClientHello({});
  });

  it('reads the name as it was sent, whatever its spelling and the TLS version', () => {
    assert.deepEqual([read([modern]), read([old])], [hello('A.test'), hello('a.test.')]);
  });

  it('knows a hello without a name', () => {
    assert.deepEqual(read([nameless]), hello(undefined));
  });

  it('waits for the last byte, however finely the bytes are cut', () => {
    const readings = cut(modern, 1).map((_, index, bytes) => read(bytes.slice(0, index + 1)).kind);
    assert.deepEqual(readings, [...Array.from({ length: modern.length - 1 }, () => 'incomplete'), 'hello']);
  });

  it('puts a message together that is spread over records of one byte', () => {
    assert.deepEqual(read([splitRecords(modern, 1)]), hello('A.test'));
    assert.deepEqual(read(cut(splitRecords(modern, 7), 3)), hello('A.test'));
  });

  it('reads a hello larger than one record', () => {
    const large = withExtension(message(modern), 0xfe00, Buffer.alloc(20_000));
    assert.deepEqual(read([records(large, 2 ** 14)]), hello('A.test'));
  });

  it('refuses one that is, or says it is, larger than the limit', () => {
    const large = withExtension(message(modern), 0xfe00, Buffer.alloc(65_000));
    const claimed = Buffer.concat([records(Buffer.from([1, 0xff, 0xff, 0xff]), 2 ** 14)]);
    assert.deepEqual(
      [read([records(large, 2 ** 14)]).kind, read([claimed]).kind, read([splitRecords(modern, 1)], 900).kind],
      ['malformed', 'malformed', 'malformed'],
    );
  });

  it('recognises HTTP in the clear by its first byte', () => {
    assert.deepEqual(read([Buffer.from('G')]), { kind: 'plain-http' });
  });

  it('refuses two names, an empty one, one with NUL, one of another type and one that is too long', () => {
    const bodies = [
      Buffer.concat([nameEntry('a.test'), nameEntry('b.test')]),
      nameEntry(''),
      nameEntry('a\0.test'),
      nameEntry('a.test', 1),
      nameEntry('a'.repeat(256)),
      Buffer.alloc(0),
    ];
    const hellos = bodies.map((list) => withExtension(message(nameless), 0, vector(list)));
    hellos.push(withExtension(message(modern), 0, vector(nameEntry('b.test'))));
    assert.deepEqual(
      hellos.map((bytes) => read([records(bytes, 2 ** 14)]).kind),
      hellos.map(() => 'malformed'),
    );
  });

  it('refuses other records, other messages, empty records and lengths that do not add up', () => {
    const wrongLength = Buffer.from(message(modern));
    wrongLength[38] = 0xff;
    const streams = [
      Buffer.from([0x15, 3, 1, 0, 2, 2, 40]),
      Buffer.from([0x16, 2, 0]),
      Buffer.from([0x16, 3, 1, 0, 0]),
      Buffer.from([0x16, 3, 1, 0x40, 1]),
      records(Buffer.from([2, 0, 0, 0]), 100),
      records(Buffer.from([1, 0, 0, 1, 3]), 100),
      records(wrongLength, 2 ** 14),
    ];
    assert.deepEqual(
      streams.map((bytes) => read([bytes]).kind),
      streams.map(() => 'malformed'),
    );
  });

  it('never throws, whichever byte is changed', () => {
    for (let index = 0; index < modern.length; index += 1) {
      const changed = Buffer.from(modern);
      changed[index] = (changed[index] ?? 0) ^ 0xff;
      assert.ok(['hello', 'malformed', 'incomplete', 'plain-http'].includes(read([changed]).kind));
    }
  });
});

function hello(serverName: string | undefined): ClientHelloReading {
  return { kind: 'hello', serverName };
}

function read(chunks: readonly Buffer[], maxBytes = limit): ClientHelloReading {
  const reader = createClientHelloReader(maxBytes);
  let reading: ClientHelloReading = { kind: 'incomplete' };
  for (const chunk of chunks) reading = reader.push(chunk);
  return reading;
}

/** What Node's own client sends first. */
async function recordClientHello(options: ConnectionOptions): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const server = createServer((socket) => {
    socket.once('data', (chunk) => {
      resolve(Buffer.from(chunk));
      socket.destroy();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Cannot listen');
  const client = connect({ host: '127.0.0.1', port: address.port, ...options });
  client.on('error', () => {});
  const bytes = await promise;
  server.close();
  return bytes;
}

function cut(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

function message(recorded: Buffer): Buffer {
  return recorded.subarray(5);
}

function splitRecords(recorded: Buffer, size: number): Buffer {
  return records(message(recorded), size);
}

function records(bytes: Buffer, size: number): Buffer {
  return Buffer.concat(
    cut(bytes, size).map((part) => Buffer.concat([Buffer.from([0x16, 3, 1, part.length >> 8, part.length & 255]), part])),
  );
}

/** Appends an extension and mends the two lengths around it. */
function withExtension(whole: Buffer, type: number, content: Buffer): Buffer {
  const body = whole.subarray(4);
  const at = extensionsAt(body);
  const extension = Buffer.concat([Buffer.from([type >> 8, type & 255]), vector(content)]);
  const longer = Buffer.concat([body.subarray(0, at), vector(Buffer.concat([body.subarray(at + 2), extension]))]);
  const length = Buffer.alloc(3);
  length.writeUIntBE(longer.length, 0, 3);
  return Buffer.concat([Buffer.from([1]), length, longer]);
}

function extensionsAt(body: Buffer): number {
  let at = 34;
  at += 1 + body.readUInt8(at);
  at += 2 + body.readUInt16BE(at);
  return at + 1 + body.readUInt8(at);
}

function vector(content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([content.length >> 8, content.length & 255]), content]);
}

function nameEntry(name: string, type = 0): Buffer {
  return Buffer.concat([Buffer.from([type]), vector(Buffer.from(name, 'latin1'))]);
}
