import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { openDevTools } from './dev-tools.ts';
import type { Tab } from './tab.ts';
import { openTab } from './tab.ts';

/** A headless Chromium. Disposing ends it with all its processes. */
export interface Chromium extends AsyncDisposable {
  openTab(): Promise<Tab>;
}

export interface ChromiumOptions {
  readonly command: string;
  /** Its home: whom it trusts and which certificates it has is read from there, and everything it writes goes there. */
  readonly home: string;
}

// What a browser does of its own accord has no place in a test: no traffic, no questions, no first-run pages.
const flags = [
  '--headless=new',
  '--remote-debugging-pipe',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--hide-scrollbars',
  '--window-size=1100,900',
];

/** Starts the browser; it is ready when the promise is kept. */
export async function openChromium({ command, home }: ChromiumOptions): Promise<Chromium> {
  // Chromium's own sandbox does not work for root, which is who tests often are in a container.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const child = spawn(command, [...flags, ...sandbox, `--user-data-dir=${join(home, 'profile')}`, 'about:blank'], {
    env: { ...process.env, HOME: home, XDG_CONFIG_HOME: join(home, 'config'), XDG_CACHE_HOME: join(home, 'cache') },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const devTools = openDevTools(child.stdio[3] as Writable, child.stdio[4] as Readable);
  try {
    await Promise.race([devTools.send('Browser.getVersion'), untilEnded(child)]);
    return { openTab: () => openTab(devTools), [Symbol.asyncDispose]: () => close(child) };
  } catch (error) {
    await close(child);
    throw new Error(`Chromium did not start: ${said.join('')}`, { cause: error });
  }
}

async function untilEnded(child: ChildProcess): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null];
  throw new Error(`it ended with ${code}`);
}

/** The end of the pipe is the order to end; the exit is waited for, so that its directory can be removed. */
async function close(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  (child.stdio[3] as Writable).end();
  await ended;
}
