import type { Command } from './cli/command.ts';
import { usage } from './cli/usage.ts';
import { version } from './cli/version.ts';

/** The door: arguments in, exit status out. Nothing else in the program ends the process. Each command is loaded when it is the one. */
const commands: Readonly<Record<string, Command>> = {
  run: async (args, io) => (await import('./cli/run.ts')).runServer(args, io),
  worker: async (args, io) => (await import('./cli/worker.ts')).runWorker(args, io),
  check: async (args, io) => (await import('./cli/check.ts')).runCheck(args, io),
  explain: async (args, io) => (await import('./cli/explain.ts')).runExplain(args, io),
  test: async (args, io) => (await import('./cli/test.ts')).runTest(args, io),
  cert: async (args, io) => (await import('./cli/cert.ts')).runCert(args, io),
  version: async (_args, io) => {
    io.out(`postern ${version()}\n`);
    return 0;
  },
  help: async (_args, io) => {
    io.out(usage);
    return 0;
  },
};

const aliases: Readonly<Record<string, string>> = { '--help': 'help', '-h': 'help', '--version': 'version', '-v': 'version' };

async function main(argv: readonly string[]): Promise<number> {
  const [name = 'help', ...args] = argv;
  const io = {
    out: (text: string) => void process.stdout.write(text),
    err: (text: string) => void process.stderr.write(text),
    now: () => Date.now(),
    environment: process.env,
    colour: process.stderr.isTTY && process.env['NO_COLOR'] === undefined,
    colourOut: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
    width: process.stdout.columns ?? 80,
  };
  const word = aliases[name] ?? name;
  // What every object inherits is no command of ours: `postern constructor`.
  const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
  if (command === undefined) {
    io.err(`Unknown command "${name}"\n\n${usage}`);
    return 2;
  }
  if (args.includes('--help') || args.includes('-h')) {
    io.out(usage);
    return 0;
  }
  try {
    return await command(args, io);
  } catch (error) {
    io.err(`postern ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

// Whoever read it may be gone while we still serve: the problems of a reload, told to nobody, would end the process (EPIPE).
process.stderr.on('error', () => undefined);
// `postern test | head` is done with us early, which is no fault. What could not be written for another reason, on a full disk, is one.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code !== 'EPIPE') process.exitCode = 1;
});
const status = await main(process.argv.slice(2));
process.exitCode ||= status;
