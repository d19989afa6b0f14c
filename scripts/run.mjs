// Runs a program of this repository under the Node that the repository brings, whatever Node is on the machine:
//
//   node scripts/run.mjs FILE [argument …]
//
// Dependencies are installed first when they are missing, incomplete or not those of package-lock.json. Plain JavaScript that Node 18
// understands, with nothing but what Node has built in: it runs before anything is installed.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const neededMajor = 24;

main(process.argv.slice(2));

function main([file, ...args]) {
  if (file === undefined) return fail('Usage: node scripts/run.mjs FILE [argument …]', 2);
  const lacking = whatIsLacking();
  if (lacking !== undefined && !install(lacking)) return fail('npm ci did not succeed: see what it says above, then try again', 1);
  const node = suitableNode();
  if (node === undefined) return fail(explainMissingNode(), 1);
  run(node, [file, ...args]);
}

/** One phrase when node_modules is not what package-lock.json asks for, undefined when it is. */
function whatIsLacking() {
  const wanted = readPackages('package-lock.json');
  // npm writes this file last, so it also tells of an installation that was broken off.
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return 'dependencies are not installed yet';
  const installed = readPackages('node_modules/.package-lock.json');
  for (const [path, entry] of Object.entries(wanted)) {
    const isThere = installed[path] !== undefined && existsSync(join(root, path, 'package.json'));
    // Packages for other platforms are optional, and rightly absent.
    if (path === '' || (entry.optional && !isThere)) continue;
    if (!isThere) return `${path} is missing`;
    if (installed[path].version !== entry.version || installed[path].integrity !== entry.integrity) return `${path} is out of date`;
  }
  return undefined;
}

function readPackages(file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
}

/** True when it succeeded. Standard output is left alone: it belongs to the program that is run afterwards. */
function install(reason) {
  process.stderr.write(`Installing dependencies with npm ci (${reason}); this takes a minute the first time …\n`);
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error', '--progress=true'];
  // Inside `npm run`, the npm that runs is the one to use.
  const npm = process.env.npm_execpath;
  const [command, commandArgs] = npm !== undefined && /\.[cm]?js$/.test(npm) ? [process.execPath, [npm, ...args]] : ['npm', args];
  const { status } = spawnSync(command, commandArgs, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  return status === 0;
}

/** The repository's own Node; else the one that is running, where that is new enough. */
function suitableNode() {
  const own = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const { status, stdout } = spawnSync(own, ['--version'], { encoding: 'utf8' });
  if (status === 0 && majorOf(stdout) >= neededMajor) return own;
  return majorOf(process.version) >= neededMajor ? process.execPath : undefined;
}

function majorOf(version) {
  return Number(version.trim().replace(/^v/, '').split('.')[0]);
}

function explainMissingNode() {
  return (
    `Node.js ${neededMajor} or newer is needed, this is ${process.version}, and the one that the dependency "node" brings is not there because its install script did not run: ` +
    'run "npm ci" without --ignore-scripts ("npm config get ignore-scripts" should say false), or install a newer Node.js'
  );
}

function run(node, args) {
  // So that `node` is the same one in whatever the program starts.
  const separator = process.platform === 'win32' ? ';' : ':';
  const env = { ...process.env, PATH: `${dirname(node)}${separator}${process.env.PATH ?? ''}` };
  const child = spawn(node, args, { cwd: process.cwd(), stdio: 'inherit', env });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'];
  const forward = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, forward);
  child.on('error', (error) => fail(`Cannot start ${node}: ${error.message}`, 1));
  child.on('exit', (code, signal) => {
    // A shell's way of telling that a signal ended the program.
    process.exitCode = code ?? 128 + constants.signals[signal];
    for (const each of signals) process.off(each, forward);
  });
}

function fail(sentence, exitCode) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = exitCode;
}
