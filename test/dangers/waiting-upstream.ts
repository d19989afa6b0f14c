import { openUpstream } from '../walk/recorder.ts';

/** An upstream that takes requests and answers none. */
export interface WaitingUpstream extends AsyncDisposable {
  readonly url: string;
  targets(): readonly string[];
  clear(): void;
  /** Resolves when a request for this target has come. */
  received(target: string): Promise<void>;
}

export async function openWaiting(): Promise<WaitingUpstream> {
  const targets: string[] = [];
  const waiting = new Map<string, () => void>();
  const upstream = await openUpstream(({ url = '' }) => {
    targets.push(url);
    waiting.get(url)?.();
  });
  return {
    url: upstream.url,
    targets: () => targets,
    clear: () => void targets.splice(0),
    received: (target) => (targets.includes(target) ? Promise.resolve() : new Promise((resolve) => void waiting.set(target, resolve))),
    [Symbol.asyncDispose]: () => upstream[Symbol.asyncDispose](),
  };
}
