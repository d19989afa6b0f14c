/** What a command may touch of the world outside; `main.ts` hands in the real one. */
export interface CommandIo {
  out(text: string): void;
  err(text: string): void;
  /** Milliseconds since 1970. */
  now(): number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether what goes to `err` may be coloured. */
  readonly colour: boolean;
  /** Whether what goes to `out` may be coloured; left out: no. */
  readonly colourOut?: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

/** Answers the exit status: 0 it could answer, whatever the answer; 1 the configuration has problems; 2 the command line is wrong. */
export type Command = (args: readonly string[], io: CommandIo) => Promise<number>;
