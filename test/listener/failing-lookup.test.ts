import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { connect } from 'node:tls';
import type { TlsGroups } from '../../src/listener/tls-groups.ts';
import { exchangeRaw, readToEnd } from './raw-client.ts';
import type { TestPki } from './start-listener.ts';
import { makeGroups, makePki, startListener } from './start-listener.ts';

/** Groups that fail for one name in one of the two looks that a handshake takes at them, as a fault in them would. */
function failing(groups: TlsGroups, where: string): TlsGroups {
  return {
    ...groups,
    groupFor: (hostname) => (where === 'group' && hostname === 'fails.test' ? fail() : groups.groupFor(hostname)),
    secureContextFor(group, hostname) {
      return where === 'certificate' && hostname === 'fails.test' ? fail() : groups.secureContextFor(group, hostname);
    },
  };
}

function fail(): never {
  throw new Error('no look-up');
}

/** An exception in what looks up a name ended processes, and left sockets open (Node CVE-2026-21637). */
describe('a look-up that fails in the middle of a handshake', () => {
  let pki: TestPki;

  before(async () => {
    pki = await makePki();
  });

  const get = 'GET / HTTP/1.1\r\nHost: plain.test\r\nConnection: close\r\n\r\n';

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
    for (const where of ['group', 'certificate', 'everything'])
      it(`costs its own connection, at once, and no other (${where}, ${version})`, { timeout: 4_000 }, async () => {
        const groups = makeGroups(pki, [
          ['fails.test', 'request', pki.a],
          ['plain.test', 'none'],
        ]);
        let isDown = false;
        await using server = await startListener({
          groups() {
            if (isDown) throw new Error('no groups at all');
            return failing(groups, where);
          },
        });
        const options = { minVersion: version, maxVersion: version };
        for (let turn = 0; turn < 3; turn += 1) {
          isDown = where === 'everything';
          const socket = connect({ host: '127.0.0.1', port: server.port, servername: 'fails.test', rejectUnauthorized: false, ...options });
          socket.on('secureConnect', () => socket.write(get.replace('plain', 'fails')));
          assert.equal(await readToEnd(socket), '', 'nothing is served');
          isDown = false;
          assert.match(await exchangeRaw(server.port, get, options), /200 OK/);
        }
        assert.equal(server.outcomes.filter(({ result }) => result === 'failed').length, 3, 'each is told');
      });
});
