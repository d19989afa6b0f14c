import type { Command } from '../../src/cli/command.ts';

export const frozenAt: number = Date.UTC(2026, 5, 1, 12);

export interface Typed {
  readonly environment?: Readonly<Record<string, string>>;
  readonly width?: number;
  /** Milliseconds since 1970; noon of the first of June 2026 unless said otherwise. */
  readonly at?: number;
  /** Whether stdout may be coloured; not unless said otherwise. */
  readonly colourOut?: boolean;
}

export interface Printed {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command as somebody at a terminal would. */
export async function type(
  command: Command,
  args: readonly string[],
  { environment = {}, width = 80, at = frozenAt, colourOut = false }: Typed = {},
): Promise<Printed> {
  let out = '';
  let err = '';
  const status = await command(args, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    now: () => at,
    environment,
    colour: false,
    colourOut,
    width,
  });
  return { status, out, err };
}
