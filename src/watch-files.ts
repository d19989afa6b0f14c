import { realpath, stat } from 'node:fs/promises';

export interface WatchOptions {
  /** Absolute names: what the configuration in force was read from. Asked at every look. */
  readonly files: () => readonly string[];
  /** Called when something changed and has been still since the look before. */
  readonly changed: () => Promise<void>;
  readonly intervalMs: number;
  readonly onError: (error: unknown) => void;
}

/**
 * Looks at files again and again. Names are resolved at every look, so that renames over a file and the symlink swaps of
 * Kubernetes are seen, which watchers of the operating system lose on bind mounts and network disks. A change counts once
 * two looks agree: a file is not read while it is being written. The first look is over when the promise resolves.
 */
export async function watchFiles(options: WatchOptions): Promise<Disposable> {
  let known = await marksOf(options.files());
  let lastLook = known;
  let looking = false;

  async function look(): Promise<void> {
    const marks = await marksOf(options.files());
    const still = sameMarks(marks, lastLook);
    lastLook = marks;
    const changed = [...marks].some(([file, mark]) => known.get(file) !== mark);
    if (changed && !still) return;
    known = marks;
    if (!changed) return;
    await options.changed();
    // A file that was not watched before was read together with the change that named it; the others count as they were before that.
    known = new Map([...(await marksOf(options.files())), ...marks]);
  }

  function lookOnce(): void {
    if (looking) return;
    looking = true;
    look()
      .catch(options.onError)
      .finally(() => {
        looking = false;
      });
  }

  const timer = setInterval(lookOnce, options.intervalMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** How often the files of a configuration are looked at. */
export const usualWatchMs: number = 400;

type Marks = ReadonlyMap<string, string>;

async function marksOf(files: readonly string[]): Promise<Marks> {
  return new Map(await Promise.all(files.map(async (file) => [file, await markOf(file)] as const)));
}

function sameMarks(one: Marks, other: Marks): boolean {
  return one.size === other.size && [...one].every(([file, mark]) => other.get(file) === mark);
}

async function markOf(file: string): Promise<string> {
  try {
    const [target, { ino, size, mtimeMs, ctimeMs }] = await Promise.all([realpath(file), stat(file)]);
    return `${target} ${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch (error) {
    // A file that is gone for the moment is a state like any other: it is told when it is read.
    return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
  }
}
