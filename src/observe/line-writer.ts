import { fstatSync } from 'node:fs';
import { openByteQueue } from './byte-queue.ts';
import { cutLines } from './cut-lines.ts';

/** Lines on their way to a file descriptor. They come without their newline. */
export interface LineWriter {
  /** Written at the end of this turn of the event loop. */
  write(line: string): void;
  /** For lines that come by the thousand: written with others, a few milliseconds later at most. */
  gather(line: string): void;
  /** Writes what is waiting, before it returns. */
  flush(): void;
}

// A write costs as much as all else about a line together, and hardly more for fifty of them.
const gatherMs = 5;
const mostGathered = 64 * 1024;
// What gets into a pipe in one piece (PIPE_BUF of Linux), and into the socket of a journal as well.
const pipeBytes = 4096;

/**
 * Gathers lines into few system calls. What a process writes while it ends is written too, so that a crash keeps its last words; only
 * who is killed without notice loses what was gathered. A reader that has gone away, or a disk that is full, is ignored: no log is a
 * lesser evil than no proxy. `sharesOutput`: other processes write there too, and a write is small enough not to be mixed with theirs.
 */
export function openLineWriter(fileDescriptor: number, clock: () => number = () => performance.now(), sharesOutput = false): LineWriter {
  const queue = openByteQueue(fileDescriptor);
  const pieceBytes = sharesOutput && isPipe(fileDescriptor) ? pipeBytes : Infinity;
  let waiting = '';
  let soon = false;
  let later = false;
  let lastAt = Number.NEGATIVE_INFINITY;

  function put(): void {
    soon = false;
    later = false;
    if (waiting === '') return;
    const lines = waiting;
    waiting = '';
    lastAt = clock();
    for (const piece of cutLines(lines, pieceBytes)) queue.push(piece);
  }

  function putSoon(): void {
    if (soon) return;
    soon = true;
    setImmediate(put);
  }

  function flush(): void {
    put();
    queue.drain();
  }

  process.on('exit', flush);
  return {
    write(line) {
      waiting += `${line}\n`;
      putSoon();
    },
    gather(line) {
      waiting += `${line}\n`;
      if (waiting.length >= mostGathered) put();
      if (soon || later || waiting === '') return;
      // Lines that come one by one need not wait, and a timer for each would cost more than it saves.
      if (clock() - lastAt >= gatherMs) putSoon();
      else {
        later = true;
        setTimeout(put, gatherMs);
      }
    },
    flush,
  };
}

/** A file takes each write in one piece, however long. */
function isPipe(fileDescriptor: number): boolean {
  try {
    const stats = fstatSync(fileDescriptor);
    return stats.isFIFO() || stats.isSocket();
  } catch {
    // Closed: nothing will be written at all.
    return false;
  }
}
