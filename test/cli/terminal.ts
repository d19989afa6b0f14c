import type { Command } from '../../src/cli/command.ts';

export const frozenAt: number = Date.UTC(2026, 5, 1, 12);

export interface Typed {
  readonly environment?: Readonly<Record<string, string>>;
  readonly width?: number;
}

export interface Printed {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command as somebody at a terminal would, at noon of the first of June 2026. */
export async function type(command: Command, args: readonly string[], { environment = {}, width = 80 }: Typed = {}): Promise<Printed> {
  let out = '';
  let err = '';
  const status = await command(args, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    now: () => frozenAt,
    environment,
    colour: false,
    width,
  });
  return { status, out, err };
}
