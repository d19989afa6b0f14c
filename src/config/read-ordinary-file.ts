import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/**
 * The bytes of an ordinary file of at most 64 MiB, or `longest` bytes; throws as `readFileSync` does, with the code `NOT_A_FILE` for a pipe or a device, which
 * may have no end or no beginning: on a reload the whole service would wait for it. Standard input, and pipes that a shell hands over
 * as `/dev/fd/63`, are the exception: whoever starts the program says so.
 */
export function readOrdinaryFile(file: string, longest: number = longestFile): Buffer {
  if (handedOver.test(file)) return readFileSync(file);
  // The mere opening of a pipe waits for somebody to write to it, unless it is asked not to wait.
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() && !stats.isDirectory()) throw refusal('NOT_A_FILE', file);
    if (stats.size > longest) throw refusal('EFBIG', file);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** In bytes: far beyond any configuration and any bundle of certificates. */
export const longestFile: number = 64 * 2 ** 20;
const handedOver = /^\/(?:dev\/(?:stdin|fd\/\d+)|proc\/self\/fd\/\d+)$/;

function refusal(code: string, file: string): Error {
  return Object.assign(new Error(`Cannot read ${JSON.stringify(file)}: ${code}`), { code });
}
