import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { openProvider } from '../identity/provider-server.ts';
import { freePort } from '../free-ports.ts';
import { openHouse } from './house.ts';
import type { Seen } from './recorder.ts';
import { openEcho } from './recorder.ts';
import { signInKeys } from './sign-in-keys.ts';
import { Visitor } from './visitor.ts';

/** Tokens of the provider stay in memory only where a route hands them on, so whoever was remembered before has to be looked up again. */
describe('a route that begins to hand on the tokens of the provider', () => {
  it('has those of people who were signed in before', async () => {
    const port = await freePort();
    await using echo = await openEcho();
    await using provider = await openProvider(`https://auth.postern.test:${port}`);
    await using house = await openHouse({
      port,
      config: `
${signInKeys(provider)}
state_directory: state
routes:
  - {from: https://app.postern.test, to: ${echo.url}, allow_any_authenticated_user: true, set_request_headers: {X-Id: 'none'}}
`,
    });
    const visitor = new Visitor(house, provider);
    const url = `https://app.postern.test:${port}/`;
    await visitor.arrive(url);
    const idShown = async (): Promise<string | undefined> => {
      const { body } = await visitor.visit(url);
      return (JSON.parse(body) as Seen).headers['x-id'];
    };
    const before = await idShown();
    const text = await readFile(house.configFile, 'utf8');
    await writeFile(house.configFile, text.replace("X-Id: 'none'", "X-Id: '${pomerium.id_token}'"));
    assert.equal(await house.server.reload(), true);
    assert.equal(before, 'none');
    assert.match((await idShown()) ?? '', /^[\w-]+\.[\w-]+\.[\w-]+$/);
  });
});
