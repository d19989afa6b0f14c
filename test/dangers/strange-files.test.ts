import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { readSettings } from '../../src/config/read-settings.ts';
import type { House } from '../walk/house.ts';
import { ask, openHouse } from '../walk/house.ts';

const run = promisify(execFile);

/** A pipe has no end until somebody writes to it, and a device may have none at all: to read one would stop `check`, and on a reload the service. */
describe('a named file that is none', () => {
  let house: House;
  const inHouse = (name: string): string => join(house.directory, name);
  const strange: readonly (readonly [what: string, reason: RegExp, make: (file: string) => Promise<unknown>])[] = [
    ['a pipe', /it is no ordinary file/, (file) => run('mkfifo', [file])],
    ['a device without an end', /it is no ordinary file/, (file) => symlink('/dev/zero', file)],
    ['a device without a beginning', /it is no ordinary file/, (file) => symlink('/dev/tty', file)],
    ['a directory', /it is a directory/, (file) => mkdir(file)],
    ['a link to itself', /symbolic links go round in a circle/, (file) => symlink(file, file)],
    ['a file beyond all measure', /it is larger than 64 MiB/, (file) => writeFile(file, '').then(() => truncate(file, 2 ** 36))],
    ['a socket', /it is no ordinary file/, listenAt],
  ];

  before(async () => {
    house = await openHouse({
      config: `
downstream_mtls: {ca_file: ca-a.pem, enforcement: policy}
routes: [{from: https://app.postern.test, response: {status: 200, body: served}, allow_public_unauthenticated_access: true}]
`,
    });
  });

  after(() => house[Symbol.asyncDispose]());

  it('is refused where a configuration names it, and where it is the configuration', async () => {
    for (const [index, [what, reason, make]] of strange.entries()) {
      const file = inHouse(`strange-${index}`);
      await make(file);
      await writeFile(inHouse('naming.yaml'), `insecure_server: true\ndownstream_mtls: {ca_file: strange-${index}}\n`);
      for (const read of [inHouse('naming.yaml'), file]) {
        const result = readSettings({ file: read, environment: undefined });
        const told = result.ok ? [] : result.problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
        assert.ok(!result.ok && told.length === 1 && reason.test(told[0] ?? ''), `${what}: ${told.join('; ')}`);
      }
    }
  });

  it('changes nothing of what is served when it takes the place of a file, and the file counts again when it is back', async () => {
    const file = inHouse('ca-a.pem');
    for (const [what, reason, make] of strange) {
      await rm(file, { recursive: true });
      await make(file);
      assert.equal(await house.server.reload(), false, what);
      assert.ok(
        house.problems.some(({ message }) => reason.test(message)),
        what,
      );
      assert.equal((await ask(house, 'https://app.postern.test/')).body, 'served', what);
      await rm(file, { recursive: true });
      await writeFile(file, house.pki.caA.certificatePem);
      assert.equal(await house.server.reload(), true, what);
    }
  });
});

/** Node removes the file with the server, so the socket is left to the directory it lies in. */
async function listenAt(file: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(file, resolve));
  server.unref();
}
