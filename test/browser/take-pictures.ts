// Takes pictures of the pages, to be looked at: node test/browser/take-pictures.ts DIRECTORY

import { execFile } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { originOf } from '../../demo/demo-hosts.ts';
import { pkcs12Password } from '../../demo/demo-state.ts';
import { startDemo } from '../../demo/start-demo.ts';
import { findTool } from '../../scripts/optional-tools.ts';
import { freePorts } from '../free-ports.ts';
import { makeBrowserHome } from './browser-home.ts';
import { chooseCertificates } from './certificate-policy.ts';
import { openChromium } from './chromium.ts';
import type { Tab } from './tab.ts';

const pictures = resolve(process.argv[2] ?? 'pictures');
mkdirSync(pictures, { recursive: true });
const command = findTool('chromium');
if (command === undefined) throw new Error('chromium is not installed');

await using resources = new AsyncDisposableStack();
const directory = mkdtempSync(join(tmpdir(), 'postern-demo-'));
resources.defer(() => rmSync(directory, { recursive: true }));
const demo = await startDemo({ directory, port: await freePorts(4), now: () => Date.now() });
resources.defer(() => demo.stop());
const at = (host: string, path = '/'): string => `${originOf(host, demo.port)}${path}`;
resources.use(await chooseCertificates([originOf('certificate', demo.port), originOf('both', demo.port)], 'Postern demo CA'));
const ca = join(directory, 'ca.pem');

const alice = await open({ file: join(directory, 'people/alice.p12'), password: pkcs12Password });
await visit(alice, 'public', at('public'));
await visit(alice, 'certificate', at('certificate'));
await visit(alice, 'nobody', at('certificate', '/.pomerium/'));
await visit(alice, 'provider', `${demo.issuer}/`);
await visit(alice, 'sign-in', at('both'));
await click(alice, 'signed-in', 'Alice');
await visit(alice, 'user', at('both', '/.pomerium/'));
await visit(alice, 'socket', at('socket'));
await visit(alice, '400', at('auth', '/oauth2/callback?state=x&code=y'));
await visit(alice, '404', at('nothing'));
await takeFaults(alice);
// Postern answers 421 to no browser that asks properly, and Chromium asks again by itself.
const misdirected = ['-s', '--cacert', ca, '-H', 'Accept: text/html', '-H', `Host: ${new URL(at('certificate')).host}`, at('public')];
const { stdout } = await promisify(execFile)('curl', misdirected);
writeFileSync(join(directory, '421.html'), stdout);
await visit(alice, '421', `file://${join(directory, '421.html')}`);
await alice.go(`${demo.issuer}/`);
await alice.evaluate(`document.querySelector('main').innerHTML = '<a href="${at('both', '/.pomerium/sign_out')}">out</a>'`);
await click(alice, 'sign-out', 'out');
await click(alice, 'provider-sign-out', 'Sign out');
await click(alice, 'signed-out', 'Sign out');
await alice.go(at('admins'));
await click(alice, '403', 'Bob');
await visit(await open(), '495', at('certificate'));

async function open(person?: { readonly file: string; readonly password: string }): Promise<Tab> {
  const home = resources.use(await makeBrowserHome({ caFile: ca, ...(person === undefined ? {} : { person }) }));
  return resources.use(await openChromium({ command: command ?? '', home: home.directory })).openTab();
}

async function visit(tab: Tab, name: string, url: string): Promise<void> {
  await tab.go(url);
  await take(tab, name);
}

async function click(tab: Tab, name: string, text: string): Promise<void> {
  await tab.click(text);
  await take(tab, name);
}

async function take(tab: Tab, name: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await tab.prefer(scheme);
    writeFileSync(join(pictures, `${name}-${scheme}.png`), await tab.picture());
  }
}

/** 502, 503 and 504: from an application that breaks off, one that is not there, and one that never answers. */
async function takeFaults(tab: Tab): Promise<void> {
  const broken = await listen((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Le')));
  const silent = await listen(() => undefined);
  const routes = faultRoute('502', portOf(broken)) + faultRoute('503', 1) + faultRoute('504', portOf(silent), ', timeout: 1s');
  appendFileSync(join(directory, 'config.yaml'), routes);
  while ((await tab.go(at('f502'))).status === 404) await new Promise((later) => setTimeout(later, 200));
  for (const name of ['502', '503', '504']) await visit(tab, name, at(`f${name}`));
  for (const server of [broken, silent]) server.close();
}

function faultRoute(name: string, port: number, more = ''): string {
  const from = originOf(`f${name}`, demo.port);
  return `  - {name: f${name}, from: '${from}', to: 'http://127.0.0.1:${port}', allow_public_unauthenticated_access: true${more}}\n`;
}

function listen(answer: (socket: Socket) => void): Promise<Server> {
  return new Promise((ready) => {
    const server = createServer((socket) => answer(socket.on('error', () => socket.destroy())));
    server.listen(0, '127.0.0.1', () => ready(server));
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
