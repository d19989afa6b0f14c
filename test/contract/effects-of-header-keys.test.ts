import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Answer, House } from '../walk/house.ts';
import { ask, openHouse } from '../walk/house.ts';
import type { Seen } from '../walk/recorder.ts';
import { openUpstream } from '../walk/recorder.ts';

const open = 'allow_public_unauthenticated_access: true';

/** Answers with what it saw, and with headers that routes below change. */
function openTalkative(): Promise<AsyncDisposable & { readonly url: string }> {
  return openUpstream(({ method = '', url: target = '', headers, rawHeaders }, response) => {
    const own = {
      'content-type': 'application/json',
      location: 'http://inner.test:8000/next',
      'x-frame-options': 'ALLOWALL',
      'x-kind': 'plain',
    };
    response.writeHead(200, own).end(JSON.stringify({ method, target, headers, rawHeaders, body: '' }));
  });
}

/** What becomes of headers, seen from both ends of the proxy. */
describe('a key about headers', () => {
  let upstream: AsyncDisposable & { readonly url: string };
  const houses: House[] = [];

  before(async () => {
    upstream = await openTalkative();
  });

  after(async () => {
    await Promise.all(houses.map((each) => each[Symbol.asyncDispose]()));
    await upstream[Symbol.asyncDispose]();
  });

  async function house(config: string): Promise<House> {
    const opened = await openHouse({ config: config.replaceAll('{{to}}', upstream.url) });
    houses.push(opened);
    return opened;
  }

  const names = ['x-frame-options', 'x-xss-protection', 'strict-transport-security', 'referrer-policy', 'x-own'];
  const those = ({ headers }: Answer): readonly unknown[] => names.map((name) => headers[name]);

  it('set_response_headers: the default three, over what the upstream says', async () => {
    const { headers } = await ask(await house(`routes:\n${route('a')}`), 'https://a.postern.test/');
    assert.deepEqual(
      names.map((name) => headers[name]),
      ['SAMEORIGIN', '1; mode=block', 'max-age=31536000; includeSubDomains; preload', undefined, undefined],
    );
    assert.equal(headers['x-kind'], 'plain');
  });

  it('set_response_headers: the global map replaces them, and a route merges over it', async () => {
    const more = ', set_response_headers: {X-Own: route, referrer-policy: origin}';
    const at = await house(`set_response_headers: {Referrer-Policy: no-referrer, X-Own: all}\nroutes:\n${route('a')}${route('b', more)}`);
    assert.deepEqual(those(await ask(at, 'https://a.postern.test/')), ['ALLOWALL', undefined, undefined, 'no-referrer', 'all']);
    assert.deepEqual(those(await ask(at, 'https://b.postern.test/')), ['ALLOWALL', undefined, undefined, 'origin', 'route']);
  });

  it('set_response_headers: disable leaves none but those of a route', async () => {
    const at = await house(
      `set_response_headers: {disable: "true", X-Own: all}\nroutes:\n${route('a')}${route('b', ', set_response_headers: {X-Own: route}')}`,
    );
    assert.deepEqual(those(await ask(at, 'https://a.postern.test/')), ['ALLOWALL', undefined, undefined, undefined, undefined]);
    assert.deepEqual(those(await ask(at, 'https://b.postern.test/')), ['ALLOWALL', undefined, undefined, undefined, 'route']);
  });

  it('set_response_headers: redirects and fixed answers get them, too', async () => {
    const at = await house(`routes:
  - {from: https://r.postern.test, redirect: {https_redirect: true}, ${open}}
  - {from: https://f.postern.test, response: {status: 200, body: x}, ${open}, set_response_headers: {X-Own: fixed}}
`);
    assert.equal((await ask(at, 'https://r.postern.test/')).headers['x-frame-options'], 'SAMEORIGIN');
    assert.deepEqual((await ask(at, 'https://f.postern.test/')).headers['x-own'], 'fixed');
  });

  it('rewrite_response_headers: replaces what a header begins with, and nothing else', async () => {
    const rewrites =
      '[{header: location, prefix: "http://inner.test:8000/", value: "https://a.postern.test/"}, {header: X-Kind, prefix: lain, value: x}]';
    const { headers } = await ask(
      await house(`routes:\n${route('a', `, rewrite_response_headers: ${rewrites}`)}`),
      'https://a.postern.test/',
    );
    assert.deepEqual([headers.location, headers['x-kind']], ['https://a.postern.test/next', 'plain']);
  });

  it('set_request_headers and remove_request_headers: over what the client sent, and removal wins', async () => {
    const more = ', set_request_headers: {X-Set: mine, X-Both: mine}, remove_request_headers: [x-gone, X-BOTH]';
    const { headers } = await seen(await house(`routes:\n${route('a', more)}`), 'a', {
      'x-set': 'theirs',
      'x-gone': '1',
      'x-both': '1',
      'x-kept': '1',
    });
    assert.deepEqual([headers['x-set'], headers['x-gone'], headers['x-both'], headers['x-kept']], ['mine', undefined, undefined, '1']);
  });

  it('set_request_headers: references to certificate and request, once and no further', async () => {
    const set = {
      'X-Print': '${pomerium.client_cert_fingerprint}',
      'X-Mail': '<${pomerium.client_cert_san_email}>',
      'X-Dns': '<${pomerium.client_cert_san_dns}>',
      'X-Copy': '${pomerium.request.headers["X-Name"]}',
      'X-Short': '$pomerium.client_cert_san_email',
      'X-Price': '$$5 ${pomerium.no.such} ${pomerium',
      'X-Nobody': '<${pomerium.jwt}${pomerium.access_token}>',
    };
    const more = `, tls_downstream_client_ca_file: ca-a.pem, set_request_headers: ${JSON.stringify(set)}`;
    const at = await house(`routes:\n${route('a', more)}`);
    const { headers } = await seen(at, 'a', { 'x-name': '${pomerium.client_cert_fingerprint}' });
    const print = at.pki.alice.certificate.fingerprint256.replaceAll(':', '').toLowerCase();
    const told = Object.keys(set).map((name) => headers[name.toLowerCase()]);
    const literal = '${pomerium.client_cert_fingerprint}';
    assert.deepEqual(told, [print, '<alice@example.com>', '<>', literal, 'alice@example.com', '$5  ${pomerium', '<>']);
  });

  it('host_rewrite…: literal before header before path before the client’s own before that of the upstream', async () => {
    const at = await house(`routes:
${route('default')}${route('preserve', ', preserve_host_header: true')}
${route('literal', ', preserve_host_header: true, host_rewrite: inner.test')}
${route('header', ', preserve_host_header: true, host_rewrite_header: X-Inner')}
${route('path', ', preserve_host_header: true, host_path_regex_rewrite_pattern: "^/([a-z]+)/.*$", host_path_regex_rewrite_substitution: \\1.inner.test')}`);
    const inner = upstream.url.replace('http://', '');
    const hosts = [
      await seen(at, 'default'),
      await seen(at, 'preserve'),
      await seen(at, 'literal'),
      await seen(at, 'header', { 'x-inner': 'named.test' }),
      await seen(at, 'path', {}, '/blue/x'),
    ].map(({ headers }) => [headers['host'], headers['x-forwarded-host']]);
    const own = (name: string): string => `${name}.postern.test:${at.port}`;
    assert.deepEqual(hosts, [
      [inner, own('default')],
      [own('preserve'), own('preserve')],
      ['inner.test', own('literal')],
      ['named.test', own('header')],
      ['blue.inner.test', own('path')],
    ]);
  });

  it('remove_request_headers: X-Forwarded-Host is not made where the route removes it', async () => {
    const { headers } = await seen(await house(`routes:\n${route('a', ', remove_request_headers: [x-forwarded-HOST]')}`), 'a');
    assert.equal(headers['x-forwarded-host'], undefined);
  });

  it('skip_xff_append: the peer is appended, or not', async () => {
    const client = { 'x-forwarded-for': '198.51.100.7' };
    const [appended, left, alone] = [
      await seen(await house(`routes:\n${route('a')}`), 'a', client),
      await seen(await house(`skip_xff_append: true\nroutes:\n${route('a')}`), 'a', client),
      await seen(await house(`skip_xff_append: true\nroutes:\n${route('a')}`), 'a'),
    ].map(({ headers }) => headers['x-forwarded-for']);
    assert.deepEqual([appended, left, alone], ['198.51.100.7,127.0.0.1', '198.51.100.7', undefined]);
  });

  it('xff_num_trusted_hops: X-Forwarded-Proto of a trusted proxy passes, and the log has the address it names', async () => {
    const client = { 'x-forwarded-for': '198.51.100.7', 'x-forwarded-proto': 'http', 'user-agent': 'hops' };
    const at = await house(`xff_num_trusted_hops: 1\naccess_log_fields: [user-agent]\nroutes:\n${route('a')}`);
    const { headers } = await seen(at, 'a', client);
    const line = await at.logLine((each) => each['user_agent'] === 'hops');
    assert.deepEqual([headers['x-forwarded-proto'], line['client_ip']], ['http', '198.51.100.7']);
    const strict = await seen(await house(`routes:\n${route('a')}`), 'a', client);
    assert.equal(strict.headers['x-forwarded-proto'], 'https');
  });

  it('headers_with_underscores_action: refuses, drops or lets pass, and never what could be read as ours', async () => {
    const client = { x_odd: '1', x_pomerium_claim_email: 'root', x_forwarded_proto: 'http' };
    const statuses = await Promise.all(
      ['reject_request', 'drop_header', 'allow'].map(async (action) => {
        const at = await house(`headers_with_underscores_action: ${action}\nroutes:\n${route('a')}`);
        const { status, body } = await ask(at, 'https://a.postern.test/', { headers: client });
        return [status, status === 200 ? Object.keys((JSON.parse(body) as Seen).headers).filter((name) => name.includes('_')) : []];
      }),
    );
    assert.deepEqual(statuses, [
      [400, []],
      [200, []],
      [200, ['x_odd']],
    ]);
  });
});

function route(name: string, more = ''): string {
  return `  - {from: https://${name}.postern.test, to: '{{to}}', ${open}${more}}\n`;
}

async function seen(at: House, host: string, headers: Readonly<Record<string, string>> = {}, path = '/'): Promise<Seen> {
  const answer = await ask(at, `https://${host}.postern.test${path}`, { headers, client: at.pki.alice });
  assert.equal(answer.status, 200, answer.body);
  return JSON.parse(answer.body) as Seen;
}
