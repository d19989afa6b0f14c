import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { configHash } from '../src/config-hash.ts';
import { settingsOf } from './config/given-settings.ts';

const common = 'insecure_server: true\nshared_secret: pqNwIBqKTMBDNqoKxuLz1BlmiTHPDe8P7vw+VlGo0to=\n';

function routes(count: number): string {
  const route = 'to: http://127.0.0.1:9, set_request_headers: {x-key: hidden}, allow_public_unauthenticated_access: true';
  const lines = Array.from({ length: count }, (_, index) => `  - {from: https://a${index}.example, ${route}}\n`);
  return count === 0 ? 'routes: []\n' : `routes:\n${lines.join('')}`;
}

describe('configHash()', () => {
  it('is that of the JSON of the settings, though it is made in parts', async () => {
    for (const count of [0, 1, 200, 401]) {
      const { settings } = settingsOf({ text: common + routes(count) });
      assert.equal(await configHash({ settings })(), createHash('sha256').update(JSON.stringify(settings)).digest('hex'));
    }
  });

  it('is made once, and lets others have their turn meanwhile', async () => {
    const hash = configHash(settingsOf({ text: common + routes(1000) }));
    let turns = 0;
    const other = setInterval(() => (turns += 1), 0);
    const both = await Promise.all([hash(), hash()]);
    clearInterval(other);
    assert.equal(both[0], both[1]);
    assert.ok(turns > 0);
  });
});
