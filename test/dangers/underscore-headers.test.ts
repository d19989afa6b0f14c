import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { askRaw, requestText } from './raw-client.ts';
import { askTwo, connectTwo } from './raw-http2.ts';
import { fieldsAt } from './request-head.ts';
import { spoofableNames } from './spoofed-names.ts';

const sni = 'public.postern.test';
const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];

/** What a program that sees `_` and `-` alike (CGI, WSGI) would take for a field of ours, or for framing. */
const aliases = [...spoofableNames, 'x-department', 'proxy-connection', 'keep-alive'].flatMap((name) =>
  name.includes('-') ? [name.replaceAll('-', '_'), name.replace('-', '_'), name.replaceAll('-', '_').toUpperCase()] : [],
);

for (const [action, harmless] of [
  ['allow', [['x_team', 'blue']]],
  ['drop_header', []],
] as const) {
  describe(`headers with underscores, ${action}`, () => {
    let house: House;
    let upstream: Recorder;

    before(async () => {
      upstream = await openRecorder();
      house = await openHouse({
        config: `
headers_with_underscores_action: ${action}
jwt_claims_headers: {X-Department: department}
routes: [{from: https://${sni}, to: ${upstream.url}, allow_public_unauthenticated_access: true, allow_websockets: true}]
`,
      });
    });

    beforeEach(() => upstream.clear());

    after(async () => {
      await house[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    });

    for (const more of [[], upgrade]) {
      it(`pass no spelling of a name that counts, over HTTP/1.1${more.length > 0 ? ' in an upgrade' : ''}`, async () => {
        const lines = [
          `GET /page HTTP/1.1`,
          `Host: ${sni}`,
          ...more,
          'X_Team: blue',
          ...aliases.filter(isSentOnce).map((name) => `${name}: 5spoofed`),
        ];
        assert.equal((await askRaw(house, requestText(lines), { sni }))?.status, 200);
        assertHarmless();
      });
    }

    it('pass no spelling of a name that counts, over HTTP/2', async () => {
      const session = await connectTwo(house, { sni });
      const pseudo: [string, string][] = [
        [':method', 'GET'],
        [':scheme', 'https'],
        [':authority', sni],
        [':path', '/page'],
      ];
      const fields = aliases
        .filter((name) => name === name.toLowerCase() && isSentOnce(name))
        .map((name): [string, string] => [name, '5spoofed']);
      const answer = await askTwo(session, [...pseudo, ['x_team', 'blue'], ...fields]);
      session.destroy();
      assert.equal(answer.status, 200);
      assertHarmless();
    });

    it('frame nothing: the body is the one that was announced without them', async () => {
      const lines = ['POST /page HTTP/1.1', `Host: ${sni}`, 'Content_Length: 40', 'Transfer_Encoding: chunked'];
      const withLength = [...lines, 'Content-Length: 4'];
      const isAllowed = action === 'allow';
      const answer = await askRaw(house, requestText(withLength, 'bodyGET /smuggled HTTP/1.1\r\n\r\n'), { sni });
      assert.equal(answer?.status, isAllowed ? 400 : 200);
      if (isAllowed) assert.equal(upstream.bytes(), '');
      else assert.match(upstream.bytes(), /^POST \/page HTTP\/1\.1\r\n[^]*\r\n\r\nbody$/);
      upstream.clear();
      assert.equal((await askRaw(house, requestText(lines), { sni }))?.status, 200);
      assert.doesNotMatch(upstream.bytes(), /content.length: 40|transfer.encoding|smuggled/i);
    });

    it('do not stand beside the field they could be taken for', async () => {
      const lines = ['GET /page HTTP/1.1', `Host: ${sni}`, 'Content-Type: text/plain', 'Content_Type: text/html'];
      const answer = await askRaw(house, requestText(lines), { sni });
      if (action === 'allow') assert.deepEqual([answer?.status, upstream.bytes()], [400, '']);
      else
        assert.deepEqual(
          [answer?.status, fieldsAt(upstream).filter(([name]) => /content.type/.test(name))],
          [200, [['content-type', 'text/plain']]],
        );
    });

    function assertHarmless(): void {
      assert.match(upstream.bytes(), /^GET \/page HTTP\/1\.1\r\n/);
      assert.doesNotMatch(upstream.bytes(), /spoofed/);
      assert.deepEqual(
        fieldsAt(upstream).filter(([name]) => name.includes('_')),
        harmless,
      );
    }
  });
}

/** Two of a credential are refused as such. */
function isSentOnce(name: string): boolean {
  return name.toLowerCase().replaceAll('_', '-') !== 'x-pomerium-authorization';
}
