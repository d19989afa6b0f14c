import { writeSync } from 'node:fs';

/** Text on its way to a file descriptor that may not take all of it at once. */
export interface ByteQueue {
  /** Writes what the descriptor takes and keeps the rest until later, up to a bound; what comes beyond it is lost. */
  push(text: string): void;
  /** Waits for a reader who is slow, for some seconds. Only for the end: nothing else is done meanwhile. */
  drain(): void;
}

const usualMostKept = 16 * 1024 * 1024;
const retryMs = 5;
const mostRetries = 1000;

/**
 * Synchronous: what another thread is to write is lost, or out of order, when the process ends before it did. A reader that has gone away
 * and a disk that is full are tried again with the next text; nothing is thrown.
 */
export function openByteQueue(fileDescriptor: number, mostKept: number = usualMostKept): ByteQueue {
  const kept: Buffer[] = [];
  let keptBytes = 0;
  // A pipe that somebody made non-blocking, and that is full.
  let isBusy = false;
  let retry: NodeJS.Timeout | undefined;

  function take(data: string | Buffer): number {
    try {
      isBusy = false;
      // Handed over to the system only: `fsync` would wait for the disk, a third of the time of a request.
      return typeof data === 'string' ? writeSync(fileDescriptor, data) : writeSync(fileDescriptor, data);
    } catch (error) {
      isBusy = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
      return 0;
    }
  }

  function keep(bytes: Buffer): void {
    if (keptBytes + bytes.length > mostKept) return;
    kept.push(bytes);
    keptBytes += bytes.length;
  }

  function writeKept(): void {
    for (let [first] = kept; first !== undefined; [first] = kept) {
      const taken = take(first);
      keptBytes -= taken;
      if (taken === first.length) kept.shift();
      else kept[0] = first.subarray(taken);
      if (taken === 0) break;
    }
    if (isBusy) retry ??= setTimeout(tryAgain, retryMs).unref();
  }

  function tryAgain(): void {
    retry = undefined;
    writeKept();
  }

  return {
    push(text) {
      const taken = keptBytes === 0 ? take(text) : 0;
      if (taken === Buffer.byteLength(text)) return;
      keep(Buffer.from(text).subarray(taken));
      writeKept();
    },
    drain() {
      for (let retries = 0; keptBytes > 0 && retries < mostRetries; retries += 1) {
        writeKept();
        if (!isBusy) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
      }
    },
  };
}
