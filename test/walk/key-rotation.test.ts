import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { signInSteps } from '../dangers/sign-in-steps.ts';
import { fieldsAt } from '../dangers/request-head.ts';
import type { Street } from '../dangers/street.ts';
import { openStreet } from '../dangers/street.ts';
import type { Recorder } from './recorder.ts';
import { openRecorder } from './recorder.ts';
import { Visitor } from './visitor.ts';

const secret = (byte: number): string => Buffer.alloc(32, byte).toString('base64');

/** Writes the two secrets anew, each as a list of these bytes, and reloads. */
async function rotate({ house }: Street, shared: readonly number[], cookie: readonly number[]): Promise<void> {
  const text = await readFile(house.configFile, 'utf8');
  const changed = text
    .replace(/shared_secret: .*/, `shared_secret: ${JSON.stringify(shared.map(secret))}`)
    .replace(/cookie_secret: .*/, `cookie_secret: ${JSON.stringify(cookie.map(secret))}`);
  await writeFile(house.configFile, changed);
  assert.equal(await house.server.reload(), true);
}

async function keyIds(street: Street): Promise<readonly string[]> {
  const { body } = await new Visitor(street.house).visit(street.url('app', '/.well-known/pomerium/jwks.json'));
  return (JSON.parse(body) as { readonly keys: { readonly kid: string }[] }).keys.map(({ kid }) => kid);
}

/** The key by which the upstream is told about the last request. */
function signedBy(upstream: Recorder): string {
  const assertion = fieldsAt(upstream).findLast(([name]) => name === 'x-pomerium-jwt-assertion')?.[1] ?? '';
  return (JSON.parse(Buffer.from(assertion.split('.')[0] ?? '', 'base64url').toString('utf8')) as { readonly kid: string }).kid;
}

describe('shared_secret and cookie_secret', () => {
  it('are replaced without a sign-out: first beside the old ones, then alone, which ends what is still sealed by the old', async () => {
    await using upstream = await openRecorder();
    await using street = await openStreet(`shared_secret: ${secret(1)}
cookie_secret: ${secret(2)}
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
`);
    const page = street.url('app', '/page');
    const early = new Visitor(street.house, street.provider);
    await early.arrive(page);
    const [oldKey = ''] = await keyIds(street);
    const [linkOf, callbackOf, handOverOf] = [signInSteps(street), signInSteps(street), signInSteps(street)];
    const [link, callback, handOver] = [await linkOf.ask(page), await callbackOf.toCallback(page), await handOverOf.toHandOver(page)];

    await rotate(street, [3, 1], [4, 2]);
    upstream.clear();
    assert.equal((await early.visit(page)).status, 200, 'the session lives on');
    const [newKey = '', ...others] = await keyIds(street);
    assert.deepEqual([others, signedBy(upstream), newKey === oldKey], [[oldKey], newKey, false]);
    for (const [steps, at] of [
      [linkOf, link],
      [callbackOf, callback],
      [handOverOf, handOver],
    ] as const)
      assert.equal((await steps.visitor.arrive(at)).answer.status, 200, 'a sign-in that was under way goes on');
    const late = new Visitor(street.house, street.provider);
    await late.arrive(page);

    await rotate(street, [3], [4]);
    upstream.clear();
    assert.deepEqual([(await early.visit(page)).status, upstream.bytes()], [302, ''], 'nobody, and no fault');
    assert.equal((await late.visit(page)).status, 200, 'what the new ones sealed lives on');
    assert.deepEqual(await keyIds(street), [newKey]);
    const { answer } = await early.arrive(page);
    assert.equal(answer.status, 200, 'and whoever was signed out can sign in');
  });

  it('are not lost by a list that is broken', async () => {
    await using street = await openStreet(`shared_secret: ${secret(1)}
cookie_secret: ${secret(2)}
routes:
  - {from: https://app.postern.test, response: {status: 200, body: hello}, allow_any_authenticated_user: true}
`);
    const visitor = new Visitor(street.house, street.provider);
    await visitor.arrive(street.url('app'));
    const text = await readFile(street.house.configFile, 'utf8');
    await writeFile(street.house.configFile, text.replace(/shared_secret: .*/, `shared_secret: [${secret(3)}, short]`));
    assert.equal(await street.house.server.reload(), false);
    assert.equal((await visitor.visit(street.url('app'))).status, 200);
    const told = JSON.stringify([street.house.problems, street.house.log]);
    assert.ok(told.includes('shared_secret[1]') && !told.includes(secret(3)) && !told.includes(secret(1)));
  });
});
