import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { Secret } from '../../src/config/secret.ts';
import { readOrMakeSecrets } from '../../src/identity/secrets.ts';

const root = mkdtempSync(path.join(tmpdir(), 'postern-secrets-'));
after(() => rmSync(root, { recursive: true, force: true }));

const given = new Secret(Buffer.alloc(32, 7));
const older = new Secret(Buffer.alloc(32, 8));
let made = 0;

function freshDirectory(): string {
  made += 1;
  return path.join(root, `state-${made}`);
}

describe('readOrMakeSecrets()', () => {
  it('uses what is configured and touches no file', () => {
    const stateDirectory = freshDirectory();
    const secrets = readOrMakeSecrets({ stateDirectory, shared: [given, older], cookie: [given] });
    assert.deepEqual(secrets, { shared: [given.reveal(), older.reveal()], cookie: [given.reveal()] });
    assert.throws(() => statSync(stateDirectory), /ENOENT/);
  });

  it('makes what is missing once and keeps it where only its owner can read', () => {
    const stateDirectory = freshDirectory();
    const first = readOrMakeSecrets({ stateDirectory, shared: [], cookie: [] });
    const second = readOrMakeSecrets({ stateDirectory, shared: [], cookie: [given] });
    const modes = [stateDirectory, path.join(stateDirectory, 'secrets.json')].map((file) => (statSync(file).mode & 0o777).toString(8));
    assert.deepEqual(
      [first.shared[0].length, first.cookie[0].length, first.shared[0].equals(first.cookie[0]), modes],
      [32, 32, false, ['700', '600']],
    );
    assert.deepEqual(second, { shared: first.shared, cookie: [given.reveal()] });
  });

  it('makes new ones for every process without a state directory', () => {
    const make = () => readOrMakeSecrets({ stateDirectory: undefined, shared: [], cookie: [given] });
    const { shared, cookie } = make();
    assert.deepEqual([shared[0].length, cookie[0].equals(given.reveal()), shared[0].equals(make().shared[0])], [32, true, false]);
  });

  it('names a file that is broken, and does not quote it', () => {
    const stateDirectory = freshDirectory();
    readOrMakeSecrets({ stateDirectory, shared: [], cookie: [] });
    const file = path.join(stateDirectory, 'secrets.json');
    const whole = readFileSync(file, 'utf8');
    for (const text of ['', '{"shared_secret": hunter2}', 'null', '{}', whole.replace(/"cookie_secret":"..../, '"cookie_secret":"')]) {
      writeFileSync(file, text);
      assert.throws(
        () => readOrMakeSecrets({ stateDirectory, shared: [], cookie: [] }),
        (error: unknown) =>
          error instanceof Error &&
          error.message.startsWith(`Cannot read the secrets of ${JSON.stringify(file)}: `) &&
          !error.message.includes('hunter2'),
      );
    }
  });

  it('makes a file private that others could read, and says so', () => {
    const stateDirectory = freshDirectory();
    const options = { stateDirectory, shared: [], cookie: [] };
    const first = readOrMakeSecrets(options);
    const file = path.join(stateDirectory, 'secrets.json');
    const told: string[] = [];
    for (const mode of [0o600, 0o640, 0o604, 0o666]) {
      chmodSync(file, mode);
      assert.deepEqual(readOrMakeSecrets({ ...options, onLooseFile: (name) => void told.push(name) }), first);
      assert.equal(statSync(file).mode & 0o777, 0o600);
    }
    assert.deepEqual(told, [file, file, file]);
  });

  it('names a directory that can not be used', () => {
    const file = freshDirectory();
    writeFileSync(file, '');
    assert.throws(() => readOrMakeSecrets({ stateDirectory: file, shared: [], cookie: [] }), /Cannot use ".*" as state_directory: /);
  });
});
