import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { ask, openHouse } from '../walk/house.ts';

/** The reference on a page, the header, and the line in the log are one (issue 3, seeing). */
describe('the reference id of an answer', () => {
  let house: House;

  before(async () => {
    const route = 'to: http://127.0.0.1:9, allow_public_unauthenticated_access: true';
    house = await openHouse({
      config: `routes:
  - {name: shut, from: https://shut.postern.test, to: http://127.0.0.1:9}
  - {name: dead, from: https://dead.postern.test, ${route}}
  - {name: cert, from: https://cert.postern.test, ${route}, tls_downstream_client_ca_file: ca-a.pem}
`,
    });
  });

  after(() => house[Symbol.asyncDispose]());

  const answers: readonly (readonly [name: string, path: string, status: number])[] = [
    ['a denial', 'https://shut.postern.test/', 403],
    ['a missing route', 'https://nobody.postern.test/', 404],
    ['a missing certificate', 'https://cert.postern.test/', 495],
    ['a request that is refused unread', 'https://shut.postern.test/%2f', 400],
    ['a dead upstream', 'https://dead.postern.test/', 503],
    ['an endpoint of our own', 'https://shut.postern.test/ping', 200],
    ['a redirect of our own', 'https://shut.postern.test/.pomerium', 302],
  ];
  for (const [name, url, status] of answers) {
    it(`is in the header, the text and the log: ${name}`, async () => {
      const answer = await ask(house, url, { headers: { accept: 'text/html' } });
      const id = answer.headers['x-request-id'];
      assert.deepEqual([answer.status, typeof id], [status, 'string']);
      if (status >= 400) assert.ok(answer.body.includes(String(id)));
      assert.equal((await house.logLine((line) => line['request_id'] === id && line['msg'] === 'request'))['status'], status);
    });
  }
});
