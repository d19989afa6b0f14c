import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cachedDataVersionTag } from 'node:v8';
import { prepareReload } from '../src/reload.ts';
import { makePki } from './walk/pki.ts';
import { build, programOf } from './walk/program.ts';

const config =
  'routes: [{from: https://app.postern.test, response: {status: 200, body: hello}, allow_public_unauthenticated_access: true}]\n';

describe('prepareReload()', () => {
  it('lets requests that came while it read have their turn before it builds', async () => {
    const { document, services, result } = await build(config, { pki: await makePki() });
    assert.ok(result.ok);
    const program = programOf(result.snapshot, services);
    const order: string[] = [];
    const current = {
      ...program.current,
      get snapshot() {
        order.push('build');
        return program.current.snapshot;
      },
    };
    const prepared = await prepareReload({
      program: { ...program, current },
      services,
      openedWith: document.settings,
      async read() {
        // After the immediates of this turn, as everything is that comes over a socket.
        setImmediate(() => setImmediate(() => void order.push('served')));
        order.push('read');
        return { ok: true, document };
      },
    });
    assert.ok(prepared.ok);
    assert.deepEqual(order, ['read', 'served', 'build']);
    await prepared.abandon();
    program.streams[Symbol.dispose]();
    await program.current.close();
  });

  it('puts the optimising compiler off as long as it reads and builds, and no longer', async () => {
    const { document, services, result } = await build(config, { pki: await makePki() });
    assert.ok(result.ok);
    const program = programOf(result.snapshot, services);
    // The flags of V8 are in it.
    const tags = [cachedDataVersionTag()];
    const read = async (): ReturnType<Parameters<typeof prepareReload>[0]['read']> => {
      tags.push(cachedDataVersionTag());
      return { ok: false, problems: [], files: [] };
    };
    await prepareReload({ program, services, openedWith: document.settings, read });
    tags.push(cachedDataVersionTag());
    assert.equal(tags[2], tags[0]);
    assert.notEqual(tags[1], tags[0]);
    program.streams[Symbol.dispose]();
    await program.current.close();
  });
});
