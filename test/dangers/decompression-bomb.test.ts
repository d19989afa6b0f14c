import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { openUpstream } from '../walk/recorder.ts';
import { askRaw, requestText } from './raw-client.ts';
import { askTwo, connectTwo } from './raw-http2.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

const zeros = Buffer.alloc(32 * 2 ** 20);
const bombs: Readonly<Record<string, Buffer>> = {
  gzip: gzipSync(zeros),
  deflate: deflateSync(zeros),
  br: brotliCompressSync(zeros),
  zstd: zstdCompressSync(zeros),
};

function digest(bytes: Buffer): string {
  return `${bytes.length} ${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A few kilobytes that unpack to gigabytes fill the memory of whoever unpacks them (Pomerium CVE-2026-50285): nothing here does. */
describe('a body that is small until it is unpacked', () => {
  let street: Street;
  let upstream: AsyncDisposable & { readonly url: string };
  let seen: (readonly [string, string])[] = [];

  before(async () => {
    upstream = await openUpstream((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const coding = request.headers['content-encoding'] ?? '';
        seen.push([coding, digest(Buffer.concat(parts))]);
        response.setHeader('Content-Encoding', coding);
        response.end(bombs[coding]);
      });
    });
    street = await openStreet(`
routes:
  - {from: https://public.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true}
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
`);
  });

  beforeEach(() => {
    seen = [];
  });

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  for (const [coding, bomb] of Object.entries(bombs)) {
    it(`passes as it is, in both directions: ${coding}`, async () => {
      const host = street.authority('public');
      const lines = ['POST / HTTP/1.1', `Host: ${host}`, `Content-Encoding: ${coding}`, `Content-Length: ${bomb.length}`];
      const one = await askRaw(street.house, requestText(lines, bomb.toString('latin1')));
      const session = await connectTwo(street.house);
      const fields = [
        [':method', 'POST'],
        [':scheme', 'https'],
        [':authority', host],
        [':path', '/'],
        ['content-encoding', coding],
      ] as const;
      const two = await askTwo(session, fields, bomb.toString('latin1'));
      session.destroy();
      const came = [one?.body, two.body].map((body) => digest(Buffer.from(body ?? '', 'latin1')));
      assert.deepEqual(
        [came, seen],
        [
          [digest(bomb), digest(bomb)],
          [
            [coding, digest(bomb)],
            [coding, digest(bomb)],
          ],
        ],
      );
    });

    it(`is no sign-in: ${coding}`, async () => {
      const packed = bomb.subarray(0, 40_000).toString('base64url');
      for (const [host, path] of [
        ['auth', `/oauth2/callback?code=x&state=${packed}`],
        ['auth', `/.pomerium/sign_in?pomerium_redirect_uri=${packed}&pomerium_signature=${packed}`],
        ['app', `/.pomerium/callback/?pomerium_redirect_uri=x&pomerium_session_encrypted=${packed}`],
        ['app', '/'],
      ] as const) {
        const cookies = `_pomerium=${packed.slice(0, 8000)}; _pomerium_browser=${packed.slice(0, 8000)}`;
        const lines = [`GET ${path} HTTP/1.1`, `Host: ${street.authority(host)}`, `Cookie: ${cookies}`, 'Accept: text/html'];
        const used = process.memoryUsage().rss;
        const answer = await askRaw(street.house, requestText(lines), { sni: `${host}.postern.test` });
        assert.equal(answer?.status, path === '/' ? 302 : 400, path.slice(0, 40));
        assert.ok(process.memoryUsage().rss - used < zeros.length, 'nothing was unpacked');
      }
      assert.deepEqual(seen, []);
    });
  }
});
