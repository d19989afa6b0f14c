import type { Readable, Writable } from 'node:stream';

export type Params = Readonly<Record<string, unknown>>;

/** The DevTools protocol as far as it is needed here: commands with answers, and events. */
export interface DevTools {
  /** Sends a command, to a tab when its session is given; fails with the browser's own words. */
  send(method: string, params?: Params, sessionId?: string): Promise<Params>;
  /** Calls back for each event of that name in the session's tab. */
  on(method: string, sessionId: string, listener: (params: Params) => void): void;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Params;
  readonly result?: Params;
  readonly error?: { readonly message: string };
}

interface Answer {
  readonly result: Params | undefined;
  readonly error: Message['error'] | undefined;
}

/** Speaks over the two pipes of `--remote-debugging-pipe`: JSON, each message ended by a NUL. No port is opened that others could use. */
export function openDevTools(input: Writable, output: Readable): DevTools {
  const waiting = new Map<number, (answer: Answer) => void>();
  const listeners: { readonly method: string; readonly sessionId: string; readonly call: (params: Params) => void }[] = [];
  let last = 0;
  let rest = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\0');
    rest = parts.pop() ?? '';
    for (const part of parts) receive(JSON.parse(part) as Message);
  });
  // Whoever writes while the browser ends gets no answer; the test that waits for one says so.
  input.on('error', () => undefined);

  function receive({ id, method, sessionId, params = {}, result, error }: Message): void {
    if (id !== undefined) waiting.get(id)?.({ result, error });
    for (const listener of listeners) {
      if (listener.method === method && listener.sessionId === sessionId) listener.call(params);
    }
  }

  return {
    send(method, params = {}, sessionId) {
      last += 1;
      const id = last;
      return new Promise((resolve, reject) => {
        waiting.set(id, ({ result, error }) => {
          waiting.delete(id);
          if (error === undefined) resolve(result ?? {});
          else reject(new Error(`${method}: ${error.message}`));
        });
        input.write(`${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`);
      });
    },
    on(method, sessionId, call) {
      listeners.push({ method, sessionId, call });
    },
  };
}
