import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { openByteQueue } from '../../src/observe/byte-queue.ts';

const { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;
const text = Array.from({ length: 20_000 }, (_, index) => `line ${index} é\n`).join('');

describe('openByteQueue()', () => {
  let directory: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'byte-queue-'));
  });

  after(() => rmSync(directory, { recursive: true }));

  function openPipe(name: string): { readonly path: string; readonly reader: number; readonly writer: number } {
    const path = join(directory, name);
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, O_RDONLY | O_NONBLOCK);
    return { path, reader, writer: openSync(path, O_WRONLY | O_NONBLOCK) };
  }

  it('writes to a file at once', () => {
    const path = join(directory, 'file');
    const file = openSync(path, 'w');
    const queue = openByteQueue(file);
    queue.push(text);
    queue.push('end\n');
    closeSync(file);
    assert.equal(readFileSync(path, 'utf8'), `${text}end\n`);
  });

  it('keeps what a full pipe does not take, and writes it in order when there is room', async () => {
    const { reader, writer } = openPipe('slow');
    const queue = openByteQueue(writer);
    queue.push(text);
    queue.push('end\n');
    const wanted = Buffer.from(`${text}end\n`);
    assert.ok((await readBytes(reader, wanted.length)).equals(wanted));
    closeSync(writer);
    closeSync(reader);
  });

  it('loses whole texts beyond its bound, and no part of a line', async () => {
    const { reader, writer } = openPipe('stuck');
    const queue = openByteQueue(writer, 1024 * 1024);
    const long = `${'x'.repeat(100_000)}\n`;
    for (let index = 0; index < 20; index += 1) queue.push(long);
    // Ten within the bound, and what the pipe itself holds of another.
    const kept = await readBytes(reader, 11 * long.length);
    assert.ok(kept.equals(Buffer.from(long.repeat(11))));
    queue.push('end\n');
    assert.equal((await readBytes(reader, 4)).toString(), 'end\n');
    closeSync(writer);
    closeSync(reader);
  });

  it('does not mind a reader who has gone, a disk that is full, or a descriptor that is closed', () => {
    const { reader, writer } = openPipe('gone');
    closeSync(reader);
    const full = openSync('/dev/full', O_RDWR);
    for (const descriptor of [writer, full, 1_000_000]) {
      const queue = openByteQueue(descriptor);
      queue.push(text);
      queue.push(text);
      queue.drain();
    }
    closeSync(full);
    closeSync(writer);
  });
});

async function readBytes(descriptor: number, wanted: number): Promise<Buffer> {
  const read: Buffer[] = [];
  for (let length = 0; length < wanted; length += read.at(-1)?.length ?? 0) {
    read.push(readWhatIsThere(descriptor));
    await setImmediate();
  }
  return Buffer.concat(read);
}

function readWhatIsThere(descriptor: number): Buffer {
  const buffer = Buffer.alloc(1 << 20);
  try {
    return buffer.subarray(0, readSync(descriptor, buffer));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return Buffer.alloc(0);
    throw error;
  }
}
