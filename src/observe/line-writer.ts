import { pino } from 'pino';

/** Lines on their way to a file descriptor. */
export interface LineWriter {
  /** The line comes without its newline. */
  write(line: string): void;
  /** Writes what is waiting, before it returns. */
  flush(): void;
}

// Of lines that can't be written for now; what comes beyond it is lost.
const mostKept = 16 * 1024 * 1024;

/**
 * Gathers the lines of one turn of the event loop into one system call. What a process writes while it ends is written too, so that a
 * crash keeps its last words. A reader that has gone away, or a disk that is full, is ignored: no log is a lesser evil than no proxy.
 */
export function openLineWriter(fileDescriptor: number): LineWriter {
  // Synchronous: an asynchronous destination loses lines, or throws, when the process ends before it is ready. `write` alone has
  // handed the lines over when it returns; `flushSync` would wait for the disk as well (fsync), a third of the time of a request.
  const destination = pino.destination({ dest: fileDescriptor, sync: true, maxLength: mostKept });
  // A full disk: what was not written is kept up to the limit and tried again with the next lines.
  destination.on('error', ignoreError);
  let waiting = '';

  function flush(): void {
    if (waiting === '') return;
    const lines = waiting;
    waiting = '';
    destination.write(lines);
  }

  process.on('exit', flush);
  return {
    write(line) {
      if (waiting === '') setImmediate(flush);
      waiting += `${line}\n`;
    },
    flush,
  };
}

function ignoreError(): void {
  // There is nowhere left to tell it; without a listener it would end the process.
}
