import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import { describe, it } from 'node:test';
import type { AdminReply, AdminTls } from '../../src/observe/admin-server.ts';
import { openAdminServer } from '../../src/observe/admin-server.ts';
import { readToEnd } from '../listener/raw-client.ts';
import { makePki } from '../walk/pki.ts';

const pki = await makePki();
const guardedBy = (authority: { readonly certificatePem: string }): AdminTls => ({
  certificatePem: pki.server.certificatePem,
  keyPem: pki.server.keyPem,
  clientAuthorities: [authority.certificatePem],
});
const head = 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n';

/** Whoever scrapes keeps the connection: one that was judged by the authority of yesterday must not outlive it. */
describe('the metrics under another client CA', () => {
  it('answer nobody on a connection of before, in the middle of an answer or of a handshake', async () => {
    const first = Promise.withResolvers<AdminReply>();
    const asked = Promise.withResolvers<void>();
    const metrics = (): Promise<AdminReply> => {
      asked.resolve();
      return first.promise;
    };
    const server = await openAdminServer({
      address: { host: '127.0.0.1', port: 0 },
      routes: new Map([['/metrics', metrics]]),
      tls: guardedBy(pki.caA),
    });
    const socket = await connected(server.address.port);
    const answer = readToEnd(socket);
    socket.write(head);
    await asked.promise;
    const early = connectTcp(server.address.port, '127.0.0.1');
    await once(early, 'connect');
    const handshake = readToEnd(early);

    server.renew({ tls: guardedBy(pki.caA) });
    assert.equal(socket.destroyed, false, 'nothing has changed');
    server.renew({ tls: guardedBy(pki.caB) });
    first.resolve({ status: 200, contentType: 'text/plain', body: 'counted' });
    socket.on('error', () => undefined).write(head);
    assert.equal(await answer, '');
    assert.equal(await handshake, '');
    const refused = await connected(server.address.port).then(readToEnd, () => '');
    assert.equal(refused, '', 'the certificate of yesterday');
    await server.close();
  });
});

async function connected(port: number): Promise<TLSSocket> {
  const { certificatePem: cert, keyPem: key } = pki.alice;
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, cert, key });
  await once(socket, 'secureConnect');
  return socket;
}
