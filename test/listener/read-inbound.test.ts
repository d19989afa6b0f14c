import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Connection } from '../../src/http/connection.ts';
import type { Inbound } from '../../src/http/inbound.ts';
import type { InboundRules } from '../../src/http/inbound-rules.ts';
import { defaultInboundRules } from '../../src/http/inbound-rules.ts';
import type { ListenerRefusal } from '../../src/listener/listener-refusal.ts';
import type { InboundParts } from '../../src/listener/read-inbound.ts';
import { readInbound } from '../../src/listener/read-inbound.ts';

const connection: Connection = {
  id: 1,
  scheme: 'https',
  sniRaw: 'a.test',
  hostname: undefined,
  group: 'group',
  asked: false,
  remoteAddress: '127.0.0.1',
  remotePort: 1,
  tlsVersion: 'TLSv1.3',
  resumed: false,
  certificate: { kind: 'none' },
};

const plain: InboundParts = {
  id: 'the-id',
  receivedAt: 1_000,
  protocol: 'http/1.1',
  method: 'GET',
  rawAuthority: 'A.test:8443',
  authorityCount: 1,
  rawTarget: '/a/../b?x=1',
  headers: ['Accept', '*/*', 'Cookie', 'a=1', 'cookie', 'b=2'],
  connection,
};

const plainConnection: Connection = { ...connection, scheme: 'http', sniRaw: undefined, tlsVersion: '' };

const webSocket = {
  Connection: 'keep-alive, Upgrade',
  Upgrade: 'WebSocket',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
};

describe('readInbound()', () => {
  it('gives the request in canonical form, headers as received', () => {
    assert.deepEqual(readInbound(plain, defaultInboundRules), {
      id: 'the-id',
      receivedAt: 1_000,
      protocol: 'http/1.1',
      method: 'GET',
      authority: { hostname: 'a.test', port: 8443 },
      rawAuthority: 'A.test:8443',
      path: '/b',
      query: '?x=1',
      headers: plain.headers,
      upgrade: undefined,
      connection,
    });
  });

  it('keeps what was sent in a refusal, for the log', () => {
    const { rawAuthority, rawTarget, headers } = plain;
    assert.deepEqual(readInbound({ ...plain, rawTarget: '/a%2Fb' }, defaultInboundRules), {
      kind: 'refused',
      id: 'the-id',
      receivedAt: 1_000,
      reason: 'path-escaped-slash',
      status: 400,
      method: 'GET',
      rawAuthority,
      rawTarget: '/a%2Fb',
      headers,
      connection,
    } satisfies ListenerRefusal);
    assert.equal(rawTarget, '/a/../b?x=1');
  });

  it('refuses a missing, malformed or repeated host', () => {
    const hosts = ['', 'a.test, b.test', 'u@a.test', 'a.test/x', 'a.test b.test', 'a.test:', undefined];
    assert.deepEqual(
      hosts.map((rawAuthority) => verdict({ rawAuthority })),
      hosts.map(() => 'host-invalid 400'),
    );
    assert.equal(verdict({ authorityCount: 2 }), 'header-duplicate 400');
    assert.equal(verdict({ headers: ['host', 'b.test'] }), 'header-duplicate 400');
  });

  it('refuses targets that are no path', () => {
    const targets = ['*', 'http://b.test/p', '@b.test/', 'foo', '', '//b.test\\x'];
    assert.deepEqual(
      targets.map((rawTarget) => verdict({ rawTarget })),
      ['target-invalid 400', 'target-invalid 400', 'target-invalid 400', 'target-invalid 400', 'target-invalid 400', 'path-invalid 400'],
    );
    assert.equal(verdict({ method: 'CONNECT', rawTarget: '/' }), 'target-invalid 400');
  });

  it('refuses names and values that could be read as something else further on', () => {
    const lists = [
      ['a b', '1'],
      ['', '1'],
      ['a:', '1'],
      ['x', 'a\r\nHost: b'],
      ['x', 'a\0'],
      ['x', 'ā'],
      ['X_Pomerium_Claim_Email', 'x'],
    ];
    assert.deepEqual(
      lists.map((headers) => verdict({ headers })),
      [...Array.from({ length: 6 }, () => 'header-invalid 400'), 'header-underscore 400'],
    );
  });

  it('refuses fields sent twice that mean something only once', () => {
    for (const name of ['content-length', 'authorization', 'content-type', 'x-pomerium-authorization', 'origin', 'upgrade', 'te'])
      assert.equal(verdict({ headers: [name, '1', name.toUpperCase(), '1'] }), 'header-duplicate 400', name);
    assert.equal(verdict({ headers: ['accept', '1', 'Accept', '2', 'x-a', '1', 'x-a', '1'] }), 'accepted');
  });

  it('refuses framing that two readers could read differently', () => {
    const lists = [
      ['transfer-encoding', 'gzip, chunked'],
      ['transfer-encoding', 'identity'],
      ['transfer-encoding', 'chunked', 'content-length', '5'],
      ['content-length', '+1'],
      ['content-length', '1, 1'],
      ['content-length', '0x1'],
      ['content-length', ''],
    ];
    assert.deepEqual(
      lists.map((headers) => verdict({ headers })),
      lists.map(() => 'framing-invalid 400'),
    );
    assert.equal(verdict({ headers: ['transfer-encoding', 'Chunked'] }), 'accepted');
    assert.equal(verdict({ protocol: 'http/1.0', headers: ['transfer-encoding', 'chunked'] }), 'framing-invalid 400');
  });

  it('refuses connection fields on HTTP/2, where they would count after the translation', () => {
    for (const name of ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'])
      assert.equal(verdict({ protocol: 'h2', headers: [name, 'x'] }), 'header-invalid 400', name);
    assert.equal(verdict({ protocol: 'h2', headers: ['te', 'gzip'] }), 'header-invalid 400');
    assert.equal(verdict({ protocol: 'h2', headers: ['te', 'trailers'] }), 'accepted');
  });

  it('drops fields with an underscore before anything looks at them', () => {
    const headers = [
      'Content_Length',
      '5',
      'X_Forwarded_For',
      '10.0.0.1',
      'Accept',
      '*/*',
      'Transfer_Encoding',
      'gzip',
      'a_',
      '1',
      '_',
      '2',
    ];
    assert.deepEqual(read({ headers }, { underscores: 'drop_header' }).headers, ['Accept', '*/*']);
    const twice = ['Content_Type', 'a', 'content_type', 'b', 'X_Pomerium_Authorization', 'c', 'X_Pomerium_Authorization', 'd'];
    assert.deepEqual(read({ headers: twice }, { underscores: 'drop_header' }).headers, []);
    assert.equal(verdict({ headers: ['a_b', 'x\r\ny'] }, { underscores: 'drop_header' }), 'header-invalid 400');
    assert.equal(verdict({ headers: manyFields(1_000).map(() => 'x_y') }, { underscores: 'drop_header' }), 'headers-too-large 431');
    assert.equal(verdict({ headers: ['a_b', 'y'.repeat(128 * 1024)] }, { underscores: 'drop_header' }), 'headers-too-large 431');
    const offered = read({ headers: ['a_b', '1', ...listOf(webSocket)] }, { underscores: 'drop_header' });
    assert.deepEqual([offered.upgrade, offered.headers], ['websocket', listOf(webSocket)]);
  });

  it('allows them where it is told to, but not beside the field that they could be taken for', () => {
    const rules = { underscores: 'allow' } as const;
    const headers = ['x_team', 'a', 'Content_Length', '5', 'Transfer_Encoding', 'gzip'];
    assert.deepEqual(read({ headers }, rules).headers, headers);
    assert.equal(verdict({ headers: ['Content-Type', 'a', 'Content_Type', 'b'] }, rules), 'header-duplicate 400');
    assert.equal(verdict({ headers: ['content_type', 'a', 'Content-Type', 'b'] }, rules), 'header-duplicate 400');
    assert.equal(verdict({ headers: ['x_pomerium_authorization', 'a', 'X_Pomerium-Authorization', 'b'] }, rules), 'header-duplicate 400');
    assert.equal(verdict({ protocol: 'h2', headers: ['x_team', 'a', 'x_team', 'b'] }, rules), 'accepted');
  });

  it('reads the path by the rules it is given', () => {
    const paths = (['keep_unchanged', 'unescape_and_forward'] as const).map(
      (escapedSlashes) => read({ rawTarget: '/a%2fb//c?d=%2f' }, { escapedSlashes, mergeSlashes: false }).path,
    );
    assert.deepEqual(paths, ['/a%2Fb//c', '/a/b//c']);
  });

  it('sends whoever escapes slashes to the canonical path of the same host, where it is told to', () => {
    const rules = { escapedSlashes: 'unescape_and_redirect' } as const;
    const targets = ['/a%2fb?c=%2F', '/%2f%2fevil.test', '/..%5c..%5c%5cevil.test/%2e%2e%2f.', '/%5Cevil.test%2F..%2F/x'];
    assert.deepEqual(
      targets.map((rawTarget) => location({ rawTarget }, rules)),
      ['/a/b?c=%2F', '/evil.test', '/', '/x'].map((path) => `307 path-escaped-slash https://a.test:8443${path}`),
    );
    // Behind something that ends TLS the visitor's scheme is not known here: an address with http:// would lead out of TLS.
    assert.equal(location({ rawTarget: '/%2f', rawAuthority: '[::1]', connection: plainConnection }, rules), '307 path-escaped-slash /');
    for (const rawTarget of ['/%2f%2fevil.test?c', '//evil.test%2f', '/x%2f..%2f%2fevil.test', '/%5c%2fevil.test', '/%2e%2f%2fevil.test']) {
      const written = location({ rawTarget, connection: plainConnection }, { ...rules, mergeSlashes: false });
      assert.match(written, /^307 path-escaped-slash \/evil\.test[/?c]*$/, rawTarget);
    }
    assert.equal(verdict({ rawTarget: '/a%2f%00' }, rules), 'path-invalid 400');
    assert.equal(verdict({ rawTarget: '/a%2fb', rawAuthority: 'evil.test/' }, rules), 'host-invalid 400');
    assert.equal(verdict({ rawTarget: '/a%2fb', authorityCount: 2 }, rules), 'header-duplicate 400');
  });

  it('refuses an expectation it does not know', () => {
    assert.equal(verdict({ headers: ['Expect', 'the unexpected'] }), 'expectation-failed 417');
    assert.equal(verdict({ headers: ['Expect', '100-Continue'] }), 'accepted');
  });

  it('allows 1,000 fields, `Host` among them, and 128 KiB, and no more', () => {
    assert.deepEqual(
      [manyFields(999), manyFields(1_000), ['x', 'y'.repeat(128 * 1024 - 1)], ['x', 'y'.repeat(128 * 1024)]].map((headers) =>
        verdict({ headers }),
      ),
      ['accepted', 'headers-too-large 431', 'accepted', 'headers-too-large 431'],
    );
  });

  it('knows a WebSocket handshake', () => {
    assert.equal(upgradeOf(webSocket).upgrade, 'websocket');
  });

  it('refuses a WebSocket handshake that is not whole', () => {
    assert.equal(verdict({ headers: listOf({ ...webSocket, 'Sec-WebSocket-Key': 'short' }) }), 'upgrade-invalid 400');
    assert.equal(verdict({ headers: listOf({ ...webSocket, 'Content-Length': '5' }) }), 'upgrade-invalid 400');
    assert.equal(verdict({ headers: listOf(webSocket), method: 'POST' }), 'upgrade-invalid 400');
    assert.equal(verdict({ headers: listOf({ ...webSocket, 'Sec-WebSocket-Version': '8' }) }), 'upgrade-invalid 426');
  });

  it('ignores and removes other offers to upgrade, h2c among them', () => {
    const offers = [
      { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABk' },
      { ...webSocket, Connection: 'keep-alive' },
      { Connection: 'upgrade', Upgrade: 'websocket, h2c' },
    ];
    for (const offer of offers) {
      const { upgrade, headers } = upgradeOf(offer);
      assert.deepEqual(
        [upgrade, headers.filter((text) => /^(upgrade|http2-settings)$/i.test(text) && text !== 'upgrade')],
        [undefined, []],
      );
    }
    assert.deepEqual(readInbound({ ...plain, protocol: 'http/1.0', headers: listOf(webSocket) }, defaultInboundRules), {
      ...(readInbound({ ...plain, protocol: 'http/1.0' }, defaultInboundRules) as Inbound),
      headers: listOf({ ...webSocket }).filter((_, index) => index !== 2 && index !== 3),
    });
  });
});

function verdict(change: Partial<InboundParts>, rules: Partial<InboundRules> = {}): string {
  const reading = readInbound({ ...plain, ...change }, { ...defaultInboundRules, ...rules });
  return 'kind' in reading ? `${reading.reason} ${reading.status}` : 'accepted';
}

function read(change: Partial<InboundParts>, rules: Partial<InboundRules>): Inbound {
  const reading = readInbound({ ...plain, ...change }, { ...defaultInboundRules, ...rules });
  assert.ok(!('kind' in reading));
  return reading;
}

function location(change: Partial<InboundParts>, rules: Partial<InboundRules>): string {
  const reading = readInbound({ ...plain, ...change }, { ...defaultInboundRules, ...rules });
  assert.ok('kind' in reading && reading.kind === 'redirected');
  return `${reading.status} ${reading.reason} ${reading.location}`;
}

function manyFields(count: number): string[] {
  return Array.from({ length: 2 * count }, () => 'x');
}

function listOf(fields: Readonly<Record<string, string>>): string[] {
  return Object.entries(fields).flat();
}

function upgradeOf(fields: Readonly<Record<string, string>>): Inbound {
  const reading = readInbound({ ...plain, headers: listOf(fields) }, defaultInboundRules);
  assert.ok(!('kind' in reading));
  return reading;
}
