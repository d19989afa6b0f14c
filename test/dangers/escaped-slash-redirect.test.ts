import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { explained } from './explained.ts';
import { askRaw, requestText } from './raw-client.ts';

const host = 'app.postern.test';

/** `unescape_and_redirect` writes a part of the request into a `Location`: it leads to the canonical path of the same host, and nowhere else. */
describe('the redirect of escaped slashes', () => {
  let house: House;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    house = await openHouse({
      config: `
path_with_escaped_slashes_action: unescape_and_redirect
routes: [{from: https://${host}, to: ${upstream.url}, allow_public_unauthenticated_access: true}]
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const ways: readonly (readonly [target: string, location: string])[] = [
    ['/a%2fb', '/a/b'],
    ['/a%2Fb?next=%2F%2Fevil.example', '/a/b?next=%2F%2Fevil.example'],
    ['/%2fevil.example', '/evil.example'],
    ['/%2f%2fevil.example/%2e%2e', '/'],
    ['/%5cevil.example', '/evil.example'],
    ['/%5c%5cevil.example', '/evil.example'],
    ['/%2f%5cevil.example', '/evil.example'],
    ['//%2fevil.example', '/evil.example'],
    ['/x%2f..%2f%2fevil.example', '/evil.example'],
    ['/.%2f%2fevil.example', '/evil.example'],
    ['/%2e%2f%2e%5c%2fevil.example', '/evil.example'],
    ['/https:%2f%2fevil.example', '/https:/evil.example'],
    ['/@evil.example%2f', '/@evil.example/'],
    ['/%2f@evil.example', '/@evil.example'],
    ['/..%2f..%2f..%2fetc', '/etc'],
  ];

  for (const [target, path] of ways) {
    it(`leads to the same host: ${target}`, async () => {
      const answer = await askRaw(house, requestText([`GET ${target} HTTP/1.1`, `Host: ${host}:${house.port}`]), { sni: host });
      const location = `https://${host}:${house.port}${path}`;
      assert.deepEqual([answer?.status, locationOf(answer?.head)], [307, location]);
      // Whoever resolves it as a browser does arrives at the very same place.
      assert.equal(new URL(location, `https://${host}`).host, `${host}:${house.port}`);
      const { decision, status, reply } = await explained(house, 'GET', `https://${host}:${house.port}${target}`);
      assert.deepEqual([decision, status, reply?.headers['location']], ['own', 307, location]);
    });
  }

  it('says nothing else that the request said', async () => {
    const lines = ['GET /%2f HTTP/1.1', `Host: ${host}`, 'Set-Cookie: a=evil', 'X-Evil: 1', 'Location: https://evil.example/'];
    const answer = await askRaw(house, requestText(lines), { sni: host });
    assert.equal(answer?.status, 307);
    assert.doesNotMatch(answer.head, /evil/i);
  });

  it('is made of no host that does not parse, and of nothing that would end its line', async () => {
    for (const authority of ['evil.example/', 'a@evil.example', `${host}, evil.example`, '', `${host}:0`])
      assert.equal((await askRaw(house, requestText(['GET /%2f HTTP/1.1', `Host: ${authority}`]), { sni: host }))?.status, 400, authority);
    for (const target of ['/%2f%0d%0aSet-Cookie:x=1', '/%2f%0a', '/%2f%00', '/%2f\\evil.example', '/%2f#x'])
      assert.equal((await askRaw(house, requestText([`GET ${target} HTTP/1.1`, `Host: ${host}`]), { sni: host }))?.status, 400, target);
  });

  it('is logged and counted as an answer of our own, and nothing reaches the upstream', async () => {
    const line = await house.logLine(({ path }) => path === '/a%2fb');
    assert.deepEqual([line['status'], line['decision'], line['reasons'], line['route']], [307, 'own', ['path-escaped-slash'], null]);
    assert.equal(upstream.bytes(), '');
  });
});

function locationOf(head: string | undefined): string | undefined {
  return /^Location: (.*)$/m.exec(head ?? '')?.[1]?.trimEnd();
}
