import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import type { House } from './house.ts';
import { configText, openHouse } from './house.ts';
import { openHttp2 } from './http2-client.ts';
import type { Seen } from './recorder.ts';
import { openEcho } from './recorder.ts';
import { dial, openSocketUpstream } from './web-socket.ts';

/** Who a certificate is says the configuration in force: what was remembered under another is forgotten, also on open connections. */
describe('a reload that changes the rules', () => {
  let house: House;
  let echo: AsyncDisposable & { readonly url: string };
  let sockets: AsyncDisposable & { readonly url: string };
  const open = 'authentication: client_certificate, allow_any_authenticated_user: true';
  const configOf = (rule: string): string => `
pass_identity_headers: true
downstream_mtls: {ca_file: ca-a.pem}
certificate_identities: [${rule}]
routes:
  - {from: https://app.postern.test, path: /socket, to: ${sockets.url}, allow_websockets: true, ${open}}
  - {from: https://app.postern.test, to: ${echo.url}, ${open}}
`;
  const first = '{name: first, from: san_email, to: email, domains: [example.com]}';

  before(async () => {
    [echo, sockets] = await Promise.all([openEcho(), openSocketUpstream(() => undefined)]);
    house = await openHouse({ judgeEveryMs: 50, config: configOf(first) });
  });

  after(async () => {
    for (const each of [house, echo, sockets]) await each[Symbol.asyncDispose]();
  });

  async function put(rule: string): Promise<void> {
    await writeFile(house.configFile, configText(configOf(rule), house.port));
    assert.ok(await house.server.reload());
  }

  it('makes another person of the same certificate, on the same connection, and ends what the first one began', async () => {
    await using client = await openHttp2(house, 'app.postern.test', house.pki.alice);
    const who = async (): Promise<unknown> => {
      const { status, body } = await client.ask();
      return status === 200 ? decodeJwt(String((JSON.parse(body) as Seen).headers['x-pomerium-jwt-assertion'])).sub : status;
    };
    assert.equal(await who(), 'certificate/first/alice@example.com');
    const dialled = await dial(house, 'app.postern.test', { client: house.pki.alice });
    if (dialled.kind !== 'open') return assert.fail(`refused: ${dialled.status}`);
    const closed = new Promise((resolve) => void dialled.socket.on('close', resolve));
    await put('{name: second, from: subject_cn, to: user}');
    assert.equal(await who(), 'certificate/second/alice');
    assert.equal(await closed, 1008);
    await house.logLine(({ reasons }) => Array.isArray(reasons) && reasons.includes('visitor-changed'));
    await put('{name: third, from: subject_cn, match: nobody, to: user}');
    assert.equal(await who(), 403);
    await put(first);
    assert.equal(await who(), 'certificate/first/alice@example.com');
  });
});
