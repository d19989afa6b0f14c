import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { runStarved } from './run-starved.ts';

/** The packages that a process of its own has loaded after `loadLater`, of those that no start loads. */
function loadedAfter(written: string): readonly string[] {
  const program = `
    import { createRequire, registerHooks } from 'node:module';
    const loaded = new Set();
    registerHooks({ resolve(specifier, context, next) { loaded.add(specifier); return next(specifier, context); } });
    const { loadLater } = await import(${JSON.stringify(new URL('../src/load-later.ts', import.meta.url).href)});
    const atOnce = [...loaded];
    const faults = [];
    const waiting = setInterval(() => undefined, 1000);
    await loadLater(${written}, { error: (fields) => faults.push(String(fields.error)) });
    clearInterval(waiting);
    const names = ['undici', 'jose', 'openid-client', 'prom-client', 'http-proxy-3'];
    const of = (list) => names.filter((name) => list.includes(name));
    console.log(JSON.stringify({ faults, atOnce: of(atOnce), later: of([...loaded]) }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  assert.equal(stderr, '');
  const { faults, atOnce, later } = JSON.parse(stdout) as Readonly<Record<'faults' | 'atOnce' | 'later', readonly string[]>>;
  assert.deepEqual({ faults, atOnce }, { faults: [], atOnce: [] });
  return later;
}

function forward(upgrades: string): string {
  return `{ action: { kind: 'forward', upgrades: ${upgrades} } }`;
}

function settings(routes: string, rest: string): string {
  return `{ routes: [${routes}], tokenIssuers: [], ${rest} }`;
}

describe('loadLater()', () => {
  it('loads what the configuration will need, and nothing else', () => {
    assert.deepEqual(loadedAfter(settings(forward("['websocket']"), 'identityProvider: {}, metrics: {}')), [
      'undici',
      'jose',
      'openid-client',
      'prom-client',
      'http-proxy-3',
    ]);
    assert.deepEqual(loadedAfter(settings(forward('[]'), 'identityProvider: undefined')), ['undici']);
    assert.deepEqual(loadedAfter(settings("{ action: { kind: 'respond' } }", 'identityProvider: undefined')), []);
  });

  it('tries once more what could not be loaded, tells of it then, and loads the others', () => {
    // A process without descriptors, at first and to its end.
    const program = `
      const { loadLater } = await import(${JSON.stringify(new URL('../src/load-later.ts', import.meta.url).href)});
      const told = [];
      const log = { error: ({ library, error }) => told.push([library, error instanceof Error]) };
      const waiting = setInterval(() => undefined, 1000);
      hold();
      const settings = ${settings(forward('[]'), 'identityProvider: undefined, metrics: {}')};
      await loadLater(settings, log, { first: 1, between: 1, beforeAgain: 1 });
      const loading = loadLater(settings, log, { first: 1, between: 1, beforeAgain: 200 });
      setTimeout(release, 100);
      await loading;
      clearInterval(waiting);
      console.log(JSON.stringify(told));`;
    const run = runStarved(program);
    assert.deepEqual(
      { stderr: run.stderr, told: JSON.parse(run.stdout) as unknown },
      {
        stderr: '',
        told: [
          ['undici', true],
          ['prom-client', true],
        ],
      },
    );
  });
});
