import assert from 'node:assert/strict';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { ClientHelloReading } from '../../../src/listener/client-hello.ts';
import { createClientHelloReader } from '../../../src/listener/client-hello.ts';
import { makePki } from '../../walk/pki.ts';
import { cutBytes, randomOf } from '../cut-bytes.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { closesNothing } from '../fuzz-target.ts';
import type { HelloExtension } from '../hello-parts.ts';
import { inRecordsOf, putHelloTogether, serverNameExtension, takeHelloApart } from '../hello-parts.ts';
import { mutateBytes, wordsOf } from '../mutate-bytes.ts';
import { readWithOpenssl } from '../openssl-reading.ts';
import type { Random } from '../random.ts';

/**
 * The ClientHello: what is read before the handshake chooses the TLS group, and OpenSSL must never have read another name. To refuse
 * what OpenSSL takes is safe; to take a name, or none, that OpenSSL did not take is how certificates get bypassed (CVE-2026-32305).
 */
export const clientHello: FuzzTarget = {
  name: 'client-hello',
  briefly: 700,
  meets: ['the same name', 'no name for both', 'malformed', 'incomplete', 'refused by OpenSSL'],
  async open() {
    const { server } = await makePki();
    const context = createSecureContext({ cert: server.certificatePem, key: server.keyPem });
    return { seeds: [], make: makeHello, check: (input) => check(input, context), [Symbol.asyncDispose]: closesNothing };
  },
};

const largestHello = 64 * 1024;
const words = wordsOf(
  '\x16\x03\x01',
  '\x00\x00',
  '\x01\x00',
  '\x00\x06a.test',
  'a.test',
  'b.test',
  '\x03\x04',
  '\xff\x01',
  '\x00\x00\x00\x00',
);

function makeHello(random: Random, known: readonly Buffer[]): Buffer {
  const base = random.pick(known);
  const parts = takeHelloApart(base);
  if (parts === undefined || random.oneIn(4)) return mutateBytes(random, base, { others: known, words });
  const extensions = changeExtensions(random, parts.extensions);
  const message = putHelloTogether({ start: parts.start, extensions });
  const changed = random.oneIn(3) ? mutateBytes(random, message, { others: [message], words, longest: 70_000 }) : message;
  const sizes = random.times(1 + random.below(3), () => random.pick([1, 3, 4, 5, 100, 512, 16_384, 16_385, 0]));
  // Beyond the limit a reading depends on where the bytes are cut.
  return inRecordsOf(changed, sizes).subarray(0, largestHello);
}

function changeExtensions(random: Random, extensions: readonly HelloExtension[]): readonly HelloExtension[] {
  const at = random.below(extensions.length);
  const without = extensions.filter(({ type }) => type !== 0);
  const named = serverNameExtension(...random.times(random.pick([1, 1, 1, 0, 2]), () => madeName(random)));
  switch (random.below(7)) {
    case 0:
      return without;
    case 1:
      // RFC 8446 section 4.2.11: the key of an earlier session has to be the last extension.
      return [named, ...without];
    case 2:
      return [...extensions, named];
    case 3:
      return extensions.toSpliced(at, 1);
    case 4:
      return extensions.toSpliced(at, 0, ...extensions.slice(at, at + 1));
    case 5:
      return [
        { type: random.pick([0xfe00, 21, 0x0a0a, 65_281, 41, 43]), content: random.bytes(random.pick([0, 1, 40, 2_000])) },
        ...extensions,
      ];
    default:
      return extensions.map((each) =>
        each.type === 0 ? { type: 0, content: mutateBytes(random, each.content, { others: [], words }) } : each,
      );
  }
}

function madeName(random: Random): { readonly type: number; readonly name: Buffer } {
  const name = random.pick([
    'a.test',
    'A.TEST',
    'a.test.',
    '',
    'b\0.test',
    'é.test',
    '127.0.0.1',
    ' a.test',
    'a'.repeat(255),
    'a'.repeat(256),
  ]);
  return { type: random.pick([0, 0, 0, 0, 1, 255]), name: Buffer.from(name, 'latin1') };
}

async function check(input: Buffer, context: SecureContext): Promise<string> {
  const whole = read([input]);
  const random = randomOf(input);
  const chunks = cutBytes(random, input);
  assert.deepEqual(withoutReason(read(chunks)), withoutReason(whole), 'another reading of the same bytes, cut into pieces');
  // OpenSSL takes a hundred times as long, and what is refused here never gets to it.
  if (whole.kind !== 'hello' && !random.oneIn(8)) return whole.kind;
  const openssl = await readWithOpenssl(chunks.length > 200 ? [input] : chunks, context);
  if (openssl.kind !== 'answered')
    return whole.kind === 'hello' ? `${openssl.kind === 'waiting' ? 'waited on' : openssl.kind} by OpenSSL` : whole.kind;
  assert.notEqual(whole.kind, 'incomplete', 'OpenSSL answers what is not even complete here');
  if (whole.kind !== 'hello') return `stricter than OpenSSL: ${whole.kind === 'malformed' ? whole.reason : whole.kind}`;
  assert.equal(whole.serverName, openssl.serverName, 'OpenSSL chooses the certificate by another name');
  return whole.serverName === undefined ? 'no name for both' : 'the same name';
}

/** Of several faults the one that is told depends on how much is there at once. */
function withoutReason(reading: ClientHelloReading): ClientHelloReading {
  return reading.kind === 'malformed' ? { ...reading, reason: '' } : reading;
}

function read(chunks: readonly Buffer[]): ClientHelloReading {
  const reader = createClientHelloReader(largestHello);
  for (const chunk of chunks) {
    const reading = reader.push(chunk);
    if (reading.kind !== 'incomplete') return reading;
  }
  return { kind: 'incomplete' };
}
