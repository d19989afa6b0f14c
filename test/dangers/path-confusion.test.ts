import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { explained } from './explained.ts';
import { connectRaw, requestText } from './raw-client.ts';
import { askForged } from './raw-http2.ts';

/** What becomes of a target: the status of the refusal, or what the upstream gets. */
type Outcome = 400 | 403 | 404 | string;

/**
 * Two readers of one path: policy and upstream see the same canonical one, `explain` and HTTP/2 say the same as HTTP/1.1,
 * and what can be read in two ways is refused with no byte sent. Gate and application read differently in Pomerium CVE-2023-33189 and
 * CVE-2021-39206 (`#`), oauth2-proxy CVE-2025-54576 (an expression saw the query) and CVE-2026-41059 (`#`, `%23`), Envoy CVE-2021-29492.
 */
describe('path confusion', () => {
  let house: House;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    const everybody = 'allow_public_unauthenticated_access: true';
    house = await openHouse({
      config: `
routes:
  - {from: https://paths.postern.test, to: ${upstream.url}, prefix: /admin, policy: {deny: {or: [accept: true]}}}
  - {from: https://paths.postern.test, to: ${upstream.url}, ${everybody}}
  - {from: https://rules.postern.test, to: ${upstream.url}, policy: {allow: {and: [http_path: {starts_with: /public/}]}}}
  - {from: https://regex.postern.test, to: ${upstream.url}, regex: '/foo/.*/bar', ${everybody}}
  - {from: https://prefix.postern.test, to: ${upstream.url}, prefix: /app, ${everybody}}
`,
    });
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const vectors: Readonly<Record<string, readonly (readonly [target: string, outcome: Outcome])[]>> = {
    paths: [
      ['/public/../admin', 403],
      ['/public/%2e%2e/admin', 403],
      ['/public/.%2e/admin', 403],
      ['/public/%2E./admin', 403],
      ['/./admin', 403],
      ['/%2e/admin', 403],
      ['/x/./../admin/.', 403],
      ['/../admin', 403],
      ['//admin', 403],
      ['///public/..///admin', 403],
      ['/admin/', 403],
      ['/admin//x/', 403],
      ['/%61dmin', 403],
      ['/%61%64%6D%69%6e', 403],
      ['/admin?x=1', 403],
      ['/admin;x=1', 403],
      ['/admin%20', 403],
      ['/admin.', 403],
      ['/administrator', 403],
      ['/public%23/../admin', 403],
      ['/public/%3F/../../admin', 403],
      ['/ADMIN', '/ADMIN'],
      ['/Admin/x', '/Admin/x'],
      ['/public/..%2fadmin', 400],
      ['/public/..%2Fadmin', 400],
      ['/public/%2e%2e%2fadmin', 400],
      ['/public%5c..%5cadmin', 400],
      ['/public\\..\\admin', 400],
      ['/\\admin', 400],
      ['/admin%00', 400],
      ['/admin%0a', 400],
      ['/public%0d%0aX:y', 400],
      ['/public%7f', 400],
      ['/public#/../admin', 400],
      ['/public?x#/../../admin', 400],
      ['/public/%', 400],
      ['/public/%2', 400],
      ['/public/%zz', 400],
      ['/%u002e%u002e/admin', 400],
      ['/caf\xe9', 400],
      ['/public/%252e%252e/admin', '/public/%252e%252e/admin'],
      ['/public/..%255c..%252fadmin', '/public/..%255c..%252fadmin'],
      ['/%c0%ae%c0%ae/admin', '/%C0%AE%C0%AE/admin'],
      ['/public/..;/admin', '/public/..;/admin'],
      ['/public/.../admin', '/public/.../admin'],
      ['/foo/x%23/bar', '/foo/x%23/bar'],
      ['/%7euser/%41-%5f%2d/%e4', '/~user/A-_-/%E4'],
      ['/..', '/'],
      ['/../../../etc/passwd', '/etc/passwd'],
      ['/public//../x', '/public/x'],
      ['/public?x=/../admin&y=%2F..%5c', '/public?x=/../admin&y=%2F..%5c'],
      ['//public.postern.test/admin', '/public.postern.test/admin'],
    ],
    rules: [
      ['/public/x', '/public/x'],
      ['/publi%63/x', '/public/x'],
      ['/public', 403],
      ['/public/../private', 403],
      ['/private?/public/', 403],
      ['/private;/public/', 403],
      ['/private%3f/public/', 403],
      ['//public/../../private', 403],
    ],
    regex: [
      ['/foo/a/bar', '/foo/a/bar'],
      ['/foo/a/bar?x=1', '/foo/a/bar?x=1'],
      ['/foo/secret?x=/bar', 404],
      ['/foo/secret?/bar', 404],
      ['/foo/a/barx', 404],
      ['/x/foo/a/bar', 404],
      ['/foo/../secret/bar', 404],
      ['/foo/%0a/bar', 400],
      ['/foo/secret%3f/bar', '/foo/secret%3F/bar'],
    ],
    prefix: [
      ['/app', '/app'],
      ['/app/x', '/app/x'],
      ['/apple', '/apple'],
      ['/app../x', '/app../x'],
      ['/app/../../etc', 404],
      ['/app/..', 404],
      ['/app/%2e%2e/x', 404],
      ['/app%2f..', 400],
      ['/x/../app/y', '/app/y'],
    ],
  };

  for (const [name, rows] of Object.entries(vectors)) {
    for (const [target, outcome] of rows) {
      it(`has one reading on ${name}: ${JSON.stringify(target)}`, async () => {
        assert.deepEqual(
          {
            live: await askLive(`${name}.postern.test`, target),
            two: await askTwoLive(`${name}.postern.test`, target),
            explain: await askExplain(`${name}.postern.test`, target),
          },
          { live: outcome, two: outcome, explain: outcome },
        );
      });
    }
  }

  async function askLive(host: string, target: string): Promise<Outcome> {
    upstream.clear();
    using connection = await connectRaw(house, { sni: host });
    connection.write(requestText([`GET ${target} HTTP/1.1`, `Host: ${host}`, 'Connection: close']));
    return arrived((await connection.answer())?.status);
  }

  async function askTwoLive(host: string, target: string): Promise<Outcome> {
    upstream.clear();
    const outcome = await askForged(
      house,
      [
        [':method', 'GET'],
        [':scheme', 'https'],
        [':authority', host],
        [':path', target],
      ],
      { sni: host },
    );
    // A path that no HTTP/2 library lets through is refused before it is a request.
    return arrived(outcome === 'reset' ? 400 : Number(outcome));
  }

  async function askExplain(host: string, target: string): Promise<Outcome> {
    const { status, upstream: sent } = await explained(house, 'GET', `https://${host}${target}`);
    return sent === null ? (status as Outcome) : sent.url.slice(upstream.url.length);
  }

  /** The target that the upstream got, or the status of a refusal that let nothing through. */
  function arrived(status: number | undefined): Outcome {
    const target = /^GET (\S+) HTTP\/1\.1\r\n/.exec(upstream.bytes())?.[1];
    if (status === 200 && target !== undefined) return target;
    assert.equal(upstream.bytes(), '');
    return status as Outcome;
  }
});
