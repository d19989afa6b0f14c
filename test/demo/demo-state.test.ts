import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createSecureContext } from 'node:tls';
import { prepareState } from '../../demo/demo-state.ts';

const now = Date.UTC(2030, 0, 1);
const dayMs = 86_400_000;
let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'postern-demo-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function read(name: string): Buffer {
  return readFileSync(join(directory, name));
}

describe('prepareState()', () => {
  it('makes an authority, a server certificate and three people, with keys that nobody else may read', async () => {
    const state = await prepareState(directory, now);
    assert.deepEqual(readdirSync(directory).toSorted(), ['ca.key', 'ca.pem', 'people', 'server.key', 'server.pem', 'state.json']);
    assert.deepEqual(
      readdirSync(join(directory, 'people')).toSorted(),
      ['alice', 'bob', 'carol'].flatMap((id) => [`${id}.key`, `${id}.p12`, `${id}.pem`]),
    );
    assert.deepEqual([state.madeAnew, state.caPem], [true, read('ca.pem').toString()]);
    assert.equal(statSync(join(directory, 'people/alice.key')).mode & 0o777, 0o600);
    const server = new X509Certificate(read('server.pem'));
    assert.equal(server.subjectAltName, 'DNS:*.postern.localhost');
    assert.ok(server.verify(new X509Certificate(read('ca.pem')).publicKey));
    assert.match(new X509Certificate(read('people/alice.pem')).subjectAltName ?? '', /email:alice@example\.com/);
    createSecureContext({ pfx: read('people/bob.p12'), passphrase: 'changeit' });
  });

  it('keeps what is whole and has days to live', async () => {
    const first = await prepareState(directory, now);
    assert.deepEqual(await prepareState(directory, now + 80 * dayMs), { caPem: first.caPem, madeAnew: false });
  });

  it('makes all of it anew when it is about to expire, from the future, half-written or changed', async () => {
    const isRemade = async (at: number): Promise<boolean> => (await prepareState(directory, at)).madeAnew;
    await isRemade(now);
    assert.ok(await isRemade(now + 89 * dayMs), 'about to expire');
    assert.ok(await isRemade(now), 'from the future');
    truncateSync(join(directory, 'people/carol.p12'), 10);
    assert.ok(await isRemade(now), 'half a file');
    rmSync(join(directory, 'ca.key'));
    assert.ok(await isRemade(now), 'a file is gone');
    writeFileSync(join(directory, 'state.json'), '{');
    assert.ok(await isRemade(now), 'the seal is broken');
    writeFileSync(join(directory, 'state.json'), '{}');
    assert.ok(await isRemade(now), 'the seal is empty');
    assert.equal(await isRemade(now), false);
  });
});
