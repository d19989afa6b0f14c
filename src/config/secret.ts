import { inspect } from 'node:util';

/** Keeps a value out of logs, errors and dumps: it prints as `[secret]` unless `reveal` is called where it is used. */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  toJSON(): string {
    return '[secret]';
  }

  toString(): string {
    return '[secret]';
  }
}

// Defined from outside: a computed name in the class body is more than isolated declarations can write down.
Object.defineProperty(Secret.prototype, inspect.custom, { value: (): string => '[secret]' });
