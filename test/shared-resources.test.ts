import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSharedResources } from '../src/shared-resources.ts';

interface Thing extends AsyncDisposable {
  readonly name: string;
}

function start() {
  const disposed: string[] = [];
  let made = 0;
  const make = (): Thing => {
    made += 1;
    const name = `thing ${made}`;
    return { name, [Symbol.asyncDispose]: async () => void disposed.push(name) };
  };
  return { resources: createSharedResources(), make, disposed };
}

function cannotMake(): Thing {
  throw new Error('no');
}

describe('createSharedResources()', () => {
  it('gives everybody with the same key the same thing', () => {
    const { resources, make } = start();
    const [one, other, different] = [resources.acquire('a', make), resources.acquire('a', make), resources.acquire('b', make)];
    assert.deepEqual([one.value.name, other.value === one.value, different.value.name], ['thing 1', true, 'thing 2']);
  });

  it('disposes a thing with its last user', async () => {
    const { resources, make, disposed } = start();
    const [one, other] = [resources.acquire('a', make), resources.acquire('a', make)];
    await one.release();
    assert.deepEqual(disposed, []);
    await other.release();
    assert.deepEqual(disposed, ['thing 1']);
  });

  it('makes a new one after the last user has gone, also while the old one is being closed', async () => {
    const { resources, make, disposed } = start();
    const released = resources.acquire('a', make).release();
    assert.equal(resources.acquire('a', make).value.name, 'thing 2');
    await released;
    assert.deepEqual(disposed, ['thing 1']);
  });

  it('hands a thing over from one snapshot to the next without closing it', async () => {
    const { resources, make, disposed } = start();
    const old = resources.acquire('a', make);
    const next = resources.acquire('a', make);
    await old.release();
    assert.deepEqual([next.value.name, disposed], ['thing 1', []]);
  });

  it('keeps nothing of what could not be made', () => {
    const { resources, make } = start();
    assert.throws(() => resources.acquire('a', cannotMake), /^Error: no$/);
    assert.equal(resources.acquire('a', make).value.name, 'thing 1');
  });
});
