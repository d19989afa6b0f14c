import { fail } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { originOf } from '../../demo/demo-hosts.ts';
import { pkcs12Password } from '../../demo/demo-state.ts';
import type { Demo } from '../../demo/start-demo.ts';
import { startDemo } from '../../demo/start-demo.ts';
import { findTool } from '../../scripts/optional-tools.ts';
import { freePorts } from '../free-ports.ts';
import { makeBrowserHome } from './browser-home.ts';
import { chooseCertificates } from './certificate-policy.ts';
import type { Chromium } from './chromium.ts';
import { openChromium } from './chromium.ts';
import { whatIsLacking } from './what-is-lacking.ts';

/** The demo, and browsers to look at it with. */
export interface BrowserDemo extends AsyncDisposable {
  readonly demo: Demo;
  readonly directory: string;
  readonly configFile: string;
  at(host: string, path?: string): string;
  /** Every browser opened from now on shows a certificate of the demo's CA to these hosts without asking. */
  choose(hosts: readonly string[]): Promise<void>;
  /** With the certificate of `person`, where one is named. */
  browserOf(person?: string): Promise<Chromium>;
}

/** A suite that needs a real browser. Where there is none it says so; in CI that is a failure. */
export function describeInBrowser(title: string, drive: () => void): void {
  const lacking = whatIsLacking();
  if (lacking === undefined) return void describe(title, drive);
  it(`${title}: needs a real browser`, (context) => {
    if (process.env['CI'] === 'true') fail(lacking);
    context.diagnostic(`NOT DRIVEN: ${lacking}`);
  });
}

export async function openBrowserDemo(): Promise<BrowserDemo> {
  const resources = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'postern-demo-'));
  resources.defer(() => rmSync(directory, { recursive: true }));
  const demo = await startDemo({ directory, port: await freePorts(4), now: () => Date.now() });
  resources.defer(() => demo.stop());
  return {
    demo,
    directory,
    configFile: join(directory, 'config.yaml'),
    at: (host, path = '/') => `${originOf(host, demo.port)}${path}`,
    async choose(hosts) {
      const origins = hosts.map((host) => originOf(host, demo.port));
      resources.use(await chooseCertificates(origins, 'Postern demo CA'));
    },
    async browserOf(person) {
      const file = join(directory, `people/${person}.p12`);
      const identity = person === undefined ? {} : { person: { file, password: pkcs12Password } };
      const home = resources.use(await makeBrowserHome({ caFile: join(directory, 'ca.pem'), ...identity }));
      return resources.use(await openChromium({ command: findTool('chromium') ?? '', home: home.directory }));
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
