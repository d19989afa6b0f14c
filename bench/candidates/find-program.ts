import { spawnSync } from 'node:child_process';

/** A program that somebody else wrote, if the machine has it; `why` says for the report what is missing and what would help. */
export type Program =
  | { readonly kind: 'found'; readonly command: string; readonly version: string }
  | { readonly kind: 'absent'; readonly why: string };

export type FoundProgram = Extract<Program, { kind: 'found' }>;

export type ProgramName = 'haproxy' | 'caddy' | 'envoy' | 'traefik' | 'apache' | 'oauth2-proxy' | 'pomerium';

interface Asking {
  /** The environment variable that names it, when it lies elsewhere than on PATH. */
  readonly variable: string;
  readonly commands: readonly string[];
  /** Makes it tell its version. */
  readonly argument: string;
}

const programs: Readonly<Record<ProgramName, Asking>> = {
  haproxy: { variable: 'BENCH_HAPROXY', commands: ['haproxy'], argument: '-v' },
  caddy: { variable: 'BENCH_CADDY', commands: ['caddy'], argument: 'version' },
  envoy: { variable: 'BENCH_ENVOY', commands: ['envoy'], argument: '--version' },
  traefik: { variable: 'BENCH_TRAEFIK', commands: ['traefik'], argument: 'version' },
  apache: { variable: 'BENCH_APACHE', commands: ['apache2', 'httpd'], argument: '-v' },
  'oauth2-proxy': { variable: 'BENCH_OAUTH2_PROXY', commands: ['oauth2-proxy'], argument: '--version' },
  pomerium: { variable: 'BENCH_POMERIUM', commands: ['pomerium'], argument: '--version' },
};

// Proxies are often installed where only root's PATH looks.
const directories = ['', '/usr/sbin/', '/usr/local/sbin/', '/usr/local/bin/'];
const patienceMs = 10_000;

/** The program its variable names, and no other if it names one; else the first that can be called and tells its version. */
export function findProgram(name: ProgramName, environment: Readonly<NodeJS.ProcessEnv> = process.env): Program {
  const { variable, commands, argument } = programs[name];
  const named = environment[variable];
  const candidates = named === undefined || named === '' ? commands.flatMap((each) => directories.map((where) => where + each)) : [named];
  for (const command of candidates) {
    const { status, stdout, stderr } = spawnSync(command, [argument], { encoding: 'utf8', timeout: patienceMs, env: environment });
    const version = status === 0 ? /\d+\.\d+\.\d+/.exec(stdout + stderr)?.[0] : undefined;
    if (version !== undefined) return { kind: 'found', command, version };
  }
  const why =
    named === undefined || named === ''
      ? `${name} is not installed: put it on PATH, or name it in ${variable}`
      : `${variable} names "${named}", which tells no version of ${name} when called with ${argument}`;
  return { kind: 'absent', why };
}
