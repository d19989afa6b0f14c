import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { explained } from './explained.ts';
import { askRaw, requestText } from './raw-client.ts';
import { askForged } from './raw-http2.ts';

/** The status of a refusal or redirect, or the target that the upstream got. */
type Outcome = number | string;

type Row = readonly [target: string, outcome: Outcome];

const sni = 'slashes.postern.test';

/**
 * Every action for `%2F` and `%5C`: `/admin` is closed and everything else is open, so whatever reaches the upstream must
 * not be `/admin`, neither to Postern nor to an upstream that unescapes slashes and then resolves dot segments.
 */
const vectors: Readonly<Record<string, readonly Row[]>> = {
  'path_with_escaped_slashes_action: keep_unchanged': [
    ['/public/group%2fproject', '/public/group%2Fproject'],
    ['/public/%5c', '/public/%5C'],
    ['/admin%2fx', 403],
    ['/admin%5cx', 403],
    ['/public/..%2fadmin', 400],
    ['/public/%2e%2e%2fadmin', 400],
    ['/public/..%5cadmin', 400],
    ['/public%2f..%2fadmin', 400],
    ['/public%2f.%2e/admin', 400],
    ['/x%2f../admin', 400],
    ['/x%2fy/../../admin', 403],
    ['/public/..%252fadmin', '/public/..%252fadmin'],
    ['/public\\..\\admin', 400],
    ['/public%2f%00', 400],
  ],
  'path_with_escaped_slashes_action: unescape_and_forward': [
    ['/public/group%2fproject', '/public/group/project'],
    ['/admin%2fx', 403],
    ['/%2fadmin', 403],
    ['/%5cadmin', 403],
    ['/public/..%2fadmin', 403],
    ['/public/%2e%2e%2fadmin', 403],
    ['/public/%2e.%5cadmin', 403],
    ['/public%2f..%2fadmin', 403],
    ['/public%2f%2f..%5c..%2fadmin', 403],
    ['/admin/..%2fpublic', '/public'],
    ['/public/..%252fadmin', '/public/..%252fadmin'],
    ['/public\\..\\admin', 400],
    ['/public%2f%0a', 400],
    ['/%2f%2fevil.example/x', '/evil.example/x'],
    ['/public?x=%2f..%2fadmin', '/public?x=%2f..%2fadmin'],
  ],
  'path_with_escaped_slashes_action: unescape_and_redirect': [
    ['/public/group%2fproject', 307],
    ['/public/..%2fadmin', 307],
    ['/admin%2fx', 307],
    ['/public%5c%2e%2e%2fadmin', 307],
    ['/admin', 403],
    ['/public', '/public'],
    ['/public%2f%00', 400],
    ['/public\\..%2fadmin', 400],
  ],
  'merge_slashes: false': [
    ['/public//x', '/public//x'],
    ['/public//../admin', '/public/admin'],
    ['//admin', 403],
    ['///admin', 403],
    ['/public/..//admin', 403],
    ['/public/..%2fadmin', 400],
  ],
};

for (const [setting, rows] of Object.entries(vectors)) {
  describe(`escaped slashes with ${setting}`, () => {
    let house: House;
    let upstream: Recorder;

    before(async () => {
      upstream = await openRecorder();
      house = await openHouse({
        config: `
${setting}
routes:
  - {from: https://${sni}, to: ${upstream.url}, prefix: /admin, policy: {deny: {or: [accept: true]}}}
  - {from: https://${sni}, to: ${upstream.url}, allow_public_unauthenticated_access: true}
`,
      });
    });

    after(async () => {
      await house[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    });

    for (const [target, outcome] of rows) {
      it(`have one reading: ${JSON.stringify(target)}`, async () => {
        const answers = { live: await askOne(target), two: await askTwo(target), explain: await askExplain(target) };
        assert.deepEqual(answers, { live: outcome, two: outcome, explain: outcome });
      });
    }

    async function askOne(target: string): Promise<Outcome> {
      upstream.clear();
      const answer = await askRaw(house, requestText([`GET ${target} HTTP/1.1`, `Host: ${sni}`, 'Connection: close']), { sni });
      return arrived(answer?.status);
    }

    async function askTwo(target: string): Promise<Outcome> {
      upstream.clear();
      const pseudo: [string, string][] = [
        [':method', 'GET'],
        [':scheme', 'https'],
        [':authority', sni],
        [':path', target],
      ];
      const outcome = await askForged(house, pseudo, { sni });
      // A path that no HTTP/2 library lets through is refused before it is a request.
      return arrived(outcome === 'reset' ? 400 : Number(outcome));
    }

    async function askExplain(target: string): Promise<Outcome> {
      const { status, upstream: sent } = await explained(house, 'GET', `https://${sni}${target}`);
      return sent === null ? status : sent.url.slice(upstream.url.length);
    }

    function arrived(status: number | undefined): Outcome {
      const target = /^GET (\S+) HTTP\/1\.1\r\n/.exec(upstream.bytes())?.[1];
      if (status === 200 && target !== undefined) return target;
      assert.equal(upstream.bytes(), '');
      return status ?? 'closed';
    }
  });
}
