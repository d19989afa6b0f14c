import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Answer, House } from '../walk/house.ts';
import { freePort } from '../free-ports.ts';
import { ask, openHouse } from '../walk/house.ts';

const settings = `
authenticate_service_url: https://auth.postern.test
idp_provider: oidc
idp_provider_url: http://127.0.0.1:9
idp_client_id: postern
idp_client_secret: hunter2
`;

/** One outcome, told in the form that each kind of client reads. */
describe('the body of a refusal', () => {
  let house: House;

  before(async () => {
    house = await openHouse({
      config: `${settings}
routes:
  - {from: https://shut.postern.test, to: http://127.0.0.1:9}
  - {from: https://desk.postern.test, to: http://127.0.0.1:9, allow_any_authenticated_user: true}
  - {from: https://cert.postern.test, to: http://127.0.0.1:9, allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: ca-a.pem}
  - {from: https://dead.postern.test, to: "http://127.0.0.1:${await freePort()}", allow_public_unauthenticated_access: true}
`,
    });
  });

  after(() => house[Symbol.asyncDispose]());

  function visit(path: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    return ask(house, `https://${path}`, { headers });
  }

  /** Where, the status, and the status of gRPC. */
  const outcomes: readonly (readonly [name: string, path: string, status: number, grpc: number])[] = [
    ['a denial', 'shut.postern.test/', 403, 7],
    ['a missing route', 'nowhere.postern.test/', 404, 12],
    ['a path that is refused', 'shut.postern.test/a%2Fb', 400, 13],
    ['an upstream that is down', 'dead.postern.test/', 503, 14],
  ];

  for (const [name, path, status, grpc] of outcomes) {
    it(`suits each client: ${name}`, async () => {
      const html = await visit(path, { accept: 'text/html,*/*;q=0.8' });
      const id = String(html.headers['x-request-id']);
      assert.deepEqual(
        [html.status, html.headers['content-type'], html.headers['x-pomerium-intercepted-response'], html.body.includes(id)],
        [status, 'text/html; charset=utf-8', 'true', true],
      );

      const json = await visit(path, { accept: 'application/json' });
      const said = JSON.parse(json.body) as { error: string; request_id: string };
      assert.match(String(json.headers['content-type']), /^application\/json\b/);
      assert.deepEqual([json.status, Object.keys(said), said.request_id], [status, ['error', 'request_id'], json.headers['x-request-id']]);

      const text = await visit(path, { accept: 'text/plain' });
      assert.match(String(text.headers['content-type']), /^text\/plain\b/);
      assert.deepEqual([text.status, text.body.includes(String(text.headers['x-request-id']))], [status, true]);

      const call = await visit(path, { 'content-type': 'application/grpc', te: 'trailers' });
      assert.deepEqual(
        [call.status, call.headers['content-type'], call.headers['grpc-status'], call.body],
        [200, 'application/grpc', String(grpc), ''],
      );
      assert.notEqual(call.headers['grpc-message'] ?? '', '');

      const kubectl = await visit(path, { 'user-agent': 'kubectl/v1.33.1 (linux/amd64) kubernetes/8adc0f0', accept: 'application/json' });
      const { kind, apiVersion, status: outcome, code, message } = JSON.parse(kubectl.body) as Readonly<Record<string, unknown>>;
      assert.deepEqual([kubectl.status, kind, apiVersion, outcome, code], [status, 'Status', 'v1', 'Failure', status]);
      assert.ok(String(message).includes(String(kubectl.headers['x-request-id'])));
    });
  }

  it('tells whoever has to sign in and cannot follow so, with a status of its own', async () => {
    const json = await ask(house, 'https://desk.postern.test/', { headers: { accept: 'application/json' } });
    assert.deepEqual([json.status, Object.keys(JSON.parse(json.body) as object)], [401, ['error', 'request_id']]);
    const call = await ask(house, 'https://desk.postern.test/', { headers: { 'content-type': 'application/grpc+proto' } });
    assert.deepEqual([call.status, call.headers['grpc-status']], [200, '16']);
    const browser = await ask(house, 'https://desk.postern.test/', { headers: { accept: 'text/html' } });
    assert.equal(browser.status, 302);
    assert.ok(String(browser.headers.location).startsWith('https://auth.postern.test/'));
  });

  it('says in words what a missing certificate means', async () => {
    for (const accept of ['text/html', 'text/plain', 'application/json']) {
      const { status, body } = await ask(house, 'https://cert.postern.test/', { headers: { accept } });
      assert.equal(status, 495);
      assert.match(body, /a valid client certificate is required to access this page/i);
    }
  });

  it('keeps robots from a host that is closed to them', async () => {
    for (const host of ['shut', 'desk', 'cert']) {
      const { status, headers, body } = await ask(house, `https://${host}.postern.test/robots.txt`, { headers: { accept: 'text/html' } });
      assert.match(String(headers['content-type']), /^text\/plain\b/);
      assert.deepEqual([status, body], [200, 'User-agent: *\nDisallow: /\n'], host);
    }
  });

  it('is absent from the answer to HEAD', async () => {
    const { status, body, headers } = await ask(house, 'https://shut.postern.test/', { method: 'HEAD', headers: { accept: 'text/html' } });
    assert.deepEqual([status, body, Number(headers['content-length']) > 0], [403, '', true]);
  });
});
