// Proves the Dockerfile where no container engine is at hand: carries out its COPY and RUN steps in clean directories, one for each
// stage, then looks at what came out, starts it as the image would, asks its health check and stops it as the image would be stopped.
//
//   node scripts/run.mjs scripts/prove-dockerfile.ts

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { issueAuthority, issueServerCertificate } from '../src/certificate/issue-certificate.ts';
import type { Stage } from './read-dockerfile.ts';
import { execForm, readDockerfile } from './read-dockerfile.ts';

const largestMegabytes = 30;
const mostPackages = 50;
const longestDrainMs = 10_000;

const exampleConfig = `address: 127.0.0.1:28986
certificate_file: server.pem
certificate_key_file: server.key
routes:
  - from: https://app.example.com
    to: http://127.0.0.1:9
    allow_public_unauthenticated_access: true
`;

const repository = fileURLToPath(new URL('..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'postern-image-'));
try {
  await prove();
} finally {
  rmSync(work, { recursive: true });
}

async function prove(): Promise<void> {
  const stages = readDockerfile(readFileSync(join(repository, 'Dockerfile'), 'utf8'));
  for (const [index, stage] of stages.entries()) carryOut(stage, rootOf(stage, index));
  const last = stages.at(-1);
  if (last === undefined) throw new Error('Dockerfile has no FROM');
  const root = rootOf(last, stages.length - 1);
  judgeSize(join(root, 'opt/postern'));
  judgeRights(last);
  await judgeRun(last, root);
  say('the image would be as promised');
}

function rootOf(stage: Stage, index: number): string {
  return join(work, stage.name ?? `stage-${index}`);
}

function carryOut(stage: Stage, root: string): void {
  let folder = root;
  mkdirSync(folder);
  for (const { word, rest } of stage.instructions) {
    if (word === 'WORKDIR') {
      folder = join(root, rest);
      mkdirSync(folder, { recursive: true });
    } else if (word === 'COPY') copy(rest, folder, root);
    else if (word === 'RUN') {
      say(`RUN ${rest}`);
      execFileSync('sh', ['-c', rest], { cwd: folder, stdio: ['ignore', 2, 2] });
    }
  }
}

function copy(rest: string, folder: string, root: string): void {
  const words = rest.split(' ');
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  const paths = words.filter((word) => !word.startsWith('--'));
  const target = paths.pop() ?? '';
  const into = isAbsolute(target) ? join(root, target) : join(folder, target);
  for (const path of paths) {
    const source = join(from === undefined ? repository : join(work, from), path);
    // As COPY does: of a folder the content, a file under its own name where the target is a folder.
    cpSync(source, statSync(source).isDirectory() || !target.endsWith('/') ? into : join(into, basename(path)), { recursive: true });
  }
}

function judgeSize(program: string): void {
  const folders = readdirSync(join(program, 'node_modules'), { recursive: true, encoding: 'utf8' });
  const bytes = folders.reduce((sum, file) => sum + statSync(join(program, 'node_modules', file)).size, 0);
  const lock = JSON.parse(readFileSync(join(program, 'node_modules/.package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
  };
  const packages = Object.entries(lock.packages);
  const megabytes = Math.ceil(bytes / 1e6);
  say(`dependencies: ${megabytes} MB in ${packages.length} packages`);
  demand(megabytes <= largestMegabytes, `dependencies are ${megabytes} MB, and ${largestMegabytes} MB is the most there may be`);
  demand(packages.length <= mostPackages, `${packages.length} packages are installed, and ${mostPackages} is the most there may be`);
  const scripted = packages.filter(([, entry]) => entry.hasInstallScript === true).map(([path]) => path);
  demand(scripted.length === 0, `these packages have install scripts: ${scripted.join(', ')}`);
}

function judgeRights(stage: Stage): void {
  const user = stage.instructions.findLast(({ word }) => word === 'USER')?.rest;
  demand(user !== undefined && user !== 'root' && user !== '0', 'the image runs as root');
  demand(
    stage.instructions.some(({ word, rest }) => word === 'STOPSIGNAL' && rest === 'SIGTERM'),
    'STOPSIGNAL is not SIGTERM',
  );
}

async function judgeRun(stage: Stage, root: string): Promise<void> {
  const [, entry = ''] = execForm(stage, 'ENTRYPOINT');
  const program = join(root, entry);
  say(execFileSync(process.execPath, [program, '--version'], { cwd: root, encoding: 'utf8' }).trim());
  const config = await writeExample(root);
  const env = {
    PATH: process.env['PATH'] ?? '',
    NODE_ENV: 'production',
    STATE_DIRECTORY: join(root, 'var/lib/postern'),
    HEALTH_CHECK_ADDR: '127.0.0.1:28987',
  };
  const child = spawn(process.execPath, [program, ...execForm(stage, 'CMD').map((word) => (word.startsWith('/etc/') ? config : word))], {
    cwd: root,
    env,
    stdio: ['ignore', 2, 2],
  });
  try {
    await untilHealthy(execForm(stage, 'HEALTHCHECK').slice(1), env);
    say('healthy');
  } finally {
    child.kill('SIGTERM');
  }
  const killer = setTimeout(() => child.kill('SIGKILL'), longestDrainMs);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(killer);
  demand(code === 0, `SIGTERM ended it with ${code === null ? 'no answer in time' : `exit code ${code}`}`);
  say('drained and ended on SIGTERM');
}

async function writeExample(root: string): Promise<string> {
  const now = Date.now();
  const times = { from: new Date(now - 3_600_000), to: new Date(now + 86_400_000) };
  const ca = await issueAuthority({ commonName: 'CA', ...times });
  const server = await issueServerCertificate(ca, { commonName: 'app.example.com', dnsNames: ['app.example.com'], ...times });
  writeFileSync(join(root, 'server.pem'), server.certificatePem);
  writeFileSync(join(root, 'server.key'), server.keyPem);
  const config = join(root, 'config.yaml');
  writeFileSync(config, exampleConfig);
  return config;
}

async function untilHealthy(healthCheck: readonly string[], env: Record<string, string>): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const check = spawn(process.execPath, [...healthCheck], { env, stdio: 'ignore' });
    const [code] = (await once(check, 'exit')) as [number | null];
    if (code === 0) return;
  }
  throw new Error('the health check did not succeed in 50 attempts');
}

function demand(holds: boolean, complaint: string): void {
  if (!holds) throw new Error(complaint);
}

function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}
