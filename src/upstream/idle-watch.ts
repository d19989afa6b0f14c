import { cappedTimeout } from './capped-timeout.ts';

export interface IdleWatchOptions {
  /** Above 0. */
  readonly idleMs: number;
  /** Milliseconds; only differences are used. */
  readonly now: () => number;
  /** Called once, when not a byte has moved for so long. */
  readonly onIdle: () => void;
}

/**
 * Notices silence. One timer that is set anew when it goes off, so that a byte that moves costs no more than writing down when:
 * a timer for each chunk would be the dearest part of passing it on.
 */
export class IdleWatch {
  readonly #options: IdleWatchOptions;
  #lastAt: number;
  #timer: NodeJS.Timeout;

  constructor(options: IdleWatchOptions) {
    this.#options = options;
    this.#lastAt = options.now();
    this.#timer = this.#wait(options.idleMs);
  }

  /** Something moved. */
  touch(): void {
    this.#lastAt = this.#options.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => this.#look(), cappedTimeout(milliseconds));
  }

  #look(): void {
    const { idleMs, now, onIdle } = this.#options;
    const leftMs = this.#lastAt + idleMs - now();
    if (leftMs > 0) this.#timer = this.#wait(leftMs);
    else onIdle();
  }
}
