import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { after, before, describe, it } from 'node:test';
import { exchangePlain } from '../listener/raw-client.ts';
import type { House } from '../walk/house.ts';
import { ask, openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';

/** TLS where none is spoken, and none where TLS is: both ways the client gets a sentence and the upstream gets nothing. */
describe('the wrong protocol for the port', () => {
  let secure: House;
  let insecure: House;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    const routes = `
routes: [{from: https://public.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true}]
`;
    secure = await openHouse({ config: routes });
    insecure = await openHouse({ config: `insecure_server: true\n${routes}` });
  });

  after(async () => {
    await secure[Symbol.asyncDispose]();
    await insecure[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  it('is told to a client that speaks HTTP in the clear to the TLS port', async () => {
    for (const method of ['GET', 'POST', 'PRI', 'CONNECT']) {
      const answer = await exchangePlain(secure.port, `${method} / HTTP/1.1\r\nHost: public.postern.test\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 400 [^]*https:\/\/\n$/);
    }
    const session = connectHttp2(`http://127.0.0.1:${secure.port}`);
    await new Promise((resolve) => session.once('close', resolve).on('error', () => undefined));
  });

  it('is told to a client that speaks TLS to the port without it', async () => {
    await assert.rejects(ask(insecure, 'https://public.postern.test/'), /wrong version number/);
    assert.match(await exchangePlain(insecure.port, '\x16\x03\x01\x00\x05hello'), /^HTTP\/1\.1 400 [^]*http:\/\/\n$/);
    const line = await insecure.logLine(({ reason }) => reason === 'TLS on a port that speaks HTTP without it');
    assert.equal(line['level'], 'warn');
  });

  it('lets nothing through to the upstream', () => assert.equal(upstream.bytes(), ''));
});
