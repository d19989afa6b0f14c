import assert from 'node:assert/strict';
import { runExplain } from '../../src/cli/explain.ts';
import type { Explanation } from '../../src/cli/explanation.ts';
import type { House } from '../walk/house.ts';

/** What `postern explain --json` says about a request to a house. */
export async function explained(house: Pick<House, 'configFile'>, ...request: readonly string[]): Promise<Explanation> {
  let out = '';
  let problems = '';
  const status = await runExplain(['--config', house.configFile, '--no-env', '--json', ...request], {
    out: (text) => void (out += text),
    err: (text) => void (problems += text),
    now: () => Date.now(),
    environment: {},
    colour: false,
    width: 80,
  });
  assert.equal(status, 0, problems);
  return JSON.parse(out) as Explanation;
}
