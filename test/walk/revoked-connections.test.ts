import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { after, before, describe, it } from 'node:test';
import { issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { crlOf, inline } from '../dangers/revocation-lists.ts';
import type { House } from './house.ts';
import { configText, openHouse } from './house.ts';
import { openHttp2 } from './http2-client.ts';
import type { Pki } from './pki.ts';
import { makePki } from './pki.ts';
import { openEcho } from './recorder.ts';

const host = 'app.postern.test';

/** A connection that nothing is asked over ends with its certificate, too: whoever keeps it would never be asked for another one. */
describe('an idle connection', () => {
  let house: House;
  let echo: AsyncDisposable & { readonly url: string };
  let pki: Pki;
  let bob: Issued;
  const configOf = (number: bigint, revoked: readonly Issued[]): string => `
downstream_mtls: {ca_file: ca-a.pem, crl: ${inline(crlOf(pki.caA, revoked, { number }))}}
routes:
  - {from: https://${host}, to: ${echo.url}, allow_public_unauthenticated_access: true}
`;

  async function put(number: bigint, revoked: readonly Issued[]): Promise<boolean> {
    await writeFile(house.configFile, configText(configOf(number, revoked), house.port));
    return house.server.reload();
  }

  before(async () => {
    pki = await makePki();
    echo = await openEcho();
    bob = await issueClientCertificate(pki.caA, {
      commonName: 'bob',
      emails: ['bob@example.com'],
      from: new Date(Date.now() - 60_000),
      to: new Date(Date.now() + 3_600_000),
    });
    house = await openHouse({ pki, judgeEveryMs: 50, config: configOf(1n, []) });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await echo[Symbol.asyncDispose]();
  });

  async function openHttp1(client: Issued): Promise<TLSSocket> {
    const socket = connect({
      host: '127.0.0.1',
      port: house.port,
      servername: host,
      ca: pki.serverCa.certificatePem,
      cert: client.certificatePem,
      key: client.keyPem,
    });
    await once(socket, 'secureConnect');
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.match(answer.toString('latin1'), /^HTTP\/1\.1 200 /);
    return socket.resume();
  }

  it('ends when its certificate is revoked, and one of another certificate does not', async () => {
    const [ofAlice, ofBob] = await Promise.all([openHttp1(pki.alice), openHttp1(bob)]);
    await using h2 = await openHttp2(house, host, pki.alice);
    assert.equal((await h2.ask()).status, 200);
    const ended = Promise.all([once(ofAlice, 'close'), once(h2.session, 'close')]);
    assert.ok(await put(2n, [pki.alice]));
    await ended;
    assert.equal(ofBob.destroyed, false);
    ofBob.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    await once(ofBob, 'close');
    await house.logLine((line) => line['msg'] === 'Connections are ended: their client certificates were revoked');
  });

  it('is not brought back by an older list: the reload is refused', async () => {
    assert.equal(await put(1n, []), false);
    const line = await house.logLine((each) => String(each['msg']).startsWith('The new configuration is refused'));
    assert.match(JSON.stringify(line['problems']), /number 1\b.*number 2\b|number 2\b.*number 1\b/);
  });
});
