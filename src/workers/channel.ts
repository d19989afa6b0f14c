/** One end of a pipe between two processes: a child that was forked, or `process` itself in that child. */
export interface Pipe {
  readonly connected: boolean;
  send?(message: object, handle: undefined, options: undefined, done: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  once(event: 'disconnect', listener: () => void): unknown;
}

/** What one side answers to the other: by name, one argument each. */
export type Face = Readonly<Record<string, (argument: never) => unknown>>;

export interface Channel<Theirs extends Face> {
  /** Rejects with what the other side threw, when it is gone, when it takes longer than `timeoutMs`, and when too much is waiting already. */
  call<Name extends keyof Theirs & string>(
    name: Name,
    argument: Parameters<Theirs[Name]>[0],
    timeoutMs?: number,
  ): Promise<Awaited<ReturnType<Theirs[Name]>>>;
  /** Resolves when the other side is gone. */
  readonly closed: Promise<void>;
}

type Message =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly argument: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly message: string };

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

// Beyond that nobody is being answered any more, and whoever asks learns it at once.
const mostWaiting = 10_000;

/**
 * Questions and answers between two processes of this program, both ways over one pipe. Whoever is asked before `answers` are there lets the
 * question wait. Messages come from our own program, so that their shape is taken as it is.
 */
export function openChannel<Theirs extends Face>(pipe: Pipe, answers: Face | Promise<Face>): Channel<Theirs> {
  const waiting = new Map<number, Waiting>();
  const { promise: closed, resolve: tellClosed } = Promise.withResolvers<void>();
  let lastId = 0;

  pipe.on('message', (message) => receive(message as Message));
  pipe.once('disconnect', () => {
    tellClosed();
    for (const each of waiting.values()) each.reject(gone());
    waiting.clear();
  });
  // Whoever asks meets the rejection; the one that is told here has nobody to ask it.
  Promise.resolve(answers).catch(() => undefined);

  function send(message: Message, onFailure: (error: Error) => void): void {
    if (!pipe.connected || pipe.send === undefined) return onFailure(gone());
    pipe.send(message, undefined, undefined, (error) => {
      if (error !== null) onFailure(error);
    });
  }

  function receive(message: Message): void {
    switch (message.kind) {
      case 'call':
        return void answer(message.id, message.name, message.argument);
      case 'answer':
        return take(message.id)?.resolve(message.value);
      case 'failure':
        return take(message.id)?.reject(new Error(message.message));
    }
  }

  async function answer(id: number, name: string, argument: unknown): Promise<void> {
    try {
      const face = await answers;
      const value = await face[name]?.(argument as never);
      send({ kind: 'answer', id, value }, ignore);
    } catch (error) {
      send({ kind: 'failure', id, message: error instanceof Error ? error.message : String(error) }, ignore);
    }
  }

  function take(id: number): Waiting | undefined {
    const found = waiting.get(id);
    waiting.delete(id);
    return found;
  }

  return {
    closed,
    call: (name, argument, timeoutMs) =>
      new Promise((resolve, reject) => {
        if (waiting.size >= mostWaiting)
          return reject(new Error(`Cannot ask another process "${name}": ${mostWaiting} questions are waiting`));
        const id = (lastId += 1);
        const giveUp = (error: Error): void => take(id)?.reject(error);
        const timer =
          timeoutMs === undefined
            ? undefined
            : setTimeout(() => giveUp(new Error(`Another process did not answer "${name}" in ${timeoutMs} ms`)), timeoutMs);
        waiting.set(id, {
          resolve(value) {
            clearTimeout(timer);
            resolve(value as Awaited<ReturnType<Theirs[typeof name]>>);
          },
          reject(error) {
            clearTimeout(timer);
            reject(error);
          },
        });
        send({ kind: 'call', id, name, argument }, giveUp);
      }),
  };
}

function gone(): Error {
  return new Error('The other process is gone');
}

function ignore(): void {
  // Whoever asked is gone, and learns it from the end of the pipe.
}
