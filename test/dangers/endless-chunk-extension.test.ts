import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import { askRaw, connectRaw, requestText } from './raw-client.ts';

/** Parts of a body that are no data and that nobody counted kept a server reading for ever (Node CVE-2024-22019). */
describe('a chunked body that is all framing', () => {
  let street: CertificateHouse;

  before(async () => {
    street = await openCertificateHouse();
  });

  beforeEach(() => street.upstream.clear());

  after(() => street[Symbol.asyncDispose]());

  const head = requestText(['POST /page HTTP/1.1', 'Host: public.postern.test', 'Transfer-Encoding: chunked']);
  const endless: readonly (readonly [what: string, start: string, then: string])[] = [
    ['an extension without end', '1;', 'hidden'],
    ['extensions without end', '1', ';hidden=1'],
    ['the value of an extension without end', '1;a="', 'hidden'],
    ['an extension without end at the last chunk', '0;', 'hidden'],
    ['trailers without end', '0\r\n', 'X-Hidden: hidden\r\n'],
    ['one trailer without end', '0\r\nX-Hidden: ', 'hidden'],
  ];

  for (const [what, start, then] of endless) {
    it(`is cut off: ${what}`, { timeout: 10_000 }, async () => {
      using connection = await connectRaw(street.house);
      let sent = 0;
      connection.socket.on('error', () => connection.socket.destroy());
      connection.write(head + start);
      const part = then.repeat(1000);
      const answered = connection.answer();
      const over = new AbortController();
      void answered.then(() => over.abort());
      while (!over.signal.aborted && sent < 4 * 2 ** 20) {
        connection.write(part);
        sent += part.length;
        await new Promise((resolve) => setImmediate(resolve));
      }
      const status = (await answered)?.status;
      assert.ok(status === undefined || (status >= 400 && status < 500), `${status}`);
      assert.ok(sent < 2 ** 20, `only after ${sent} bytes`);
      assert.doesNotMatch(street.upstream.bytes(), /hidden/i);
      assert.equal((await askRaw(street.house, requestText(['GET /own HTTP/1.1', 'Host: public.postern.test'])))?.body, 'ok');
    });
  }

  it('adds nothing to what the upstream gets where it is small', async () => {
    using connection = await connectRaw(street.house);
    connection.write(`${head}2;hidden=1\r\nok\r\n0;hidden\r\nX-Ordinary: 1\r\n\r\n`);
    assert.equal((await connection.answer())?.status, 200);
    assert.doesNotMatch(street.upstream.bytes(), /hidden/);
  });
});
