import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { before, describe, it } from 'node:test';
import type { Hostname } from '../../src/http/hostname.ts';
import { parseHostname } from '../../src/http/hostname.ts';
import type { NamedServerCertificate } from '../../src/listener/server-certificates.ts';
import { readServerCertificates } from '../../src/listener/server-certificates.ts';
import type { TlsGroups } from '../../src/listener/tls-groups.ts';
import { buildTlsGroups } from '../../src/listener/tls-groups.ts';
import type { TestAuthority } from './make-certificates.ts';
import { makeServer } from './make-certificates.ts';
import type { TestPki } from './start-listener.ts';
import { makeGroups, makePki } from './start-listener.ts';

describe('buildTlsGroups()', () => {
  let pki: TestPki;
  before(async () => {
    pki = await makePki();
  });

  it('unites what the routes of one host demand, routes without a CA among them', () => {
    const groups = makeGroups(pki, [
      ['a.test', 'request', pki.a],
      ['a.test', 'none'],
      ['a.test', 'request', pki.b, pki.a],
      ['both.test', 'request', pki.b, pki.a],
    ]);
    const { asks, requires, anchors, id } = groups.groupFor(name('a.test'));
    assert.deepEqual([asks, requires, new Set(anchors)], [true, false, new Set([pki.a.certificatePem, pki.b.certificatePem])]);
    assert.equal(groups.groupFor(name('both.test')).id, id);
  });

  it('asks for nothing on hosts that nobody named, without a name, and on plain hosts under a wildcard', () => {
    const groups = makeGroups(pki, [['*.test', 'request', pki.a]], ['auth.test']);
    const none = groups.groupFor(undefined);
    assert.deepEqual([none.asks, none.requires, none.anchors], [false, false, []]);
    assert.deepEqual(
      ['auth.test', 'other.example', '[::1]', '127.0.0.1', 'a.test', 'deep.a.test'].map((host) => groups.groupFor(name(host)) === none),
      [true, true, true, true, false, false],
    );
  });

  it('lets an exact name hide every wildcard, and unites the wildcards that match', () => {
    const groups = makeGroups(pki, [
      ['*.test', 'request', pki.a],
      ['*.w.test', 'request', pki.b],
      ['x.w.test', 'none'],
    ]);
    const anchors = ['x.w.test', 'y.w.test', 'z.test'].map((host) => groups.groupFor(name(host)).anchors.length);
    assert.deepEqual(anchors, [0, 2, 1]);
  });

  it('asks for what wildcards demand also where a name is a route with another port alone: a request without it is theirs', () => {
    const groups = makeGroups(pki, [
      ['*.test', 'request', pki.a],
      ['ported.test:8443', 'none'],
      ['twice.test:8443', 'request', pki.b],
      ['twice.test', 'none'],
      ['*.w.test:8443', 'request', pki.b],
      ['x.w.test:8443', 'none'],
    ]);
    const anchors = ['ported.test', 'twice.test', 'x.w.test', 'y.w.test'].map((host) => groups.groupFor(name(host)).anchors);
    const [a, b] = [pki.a.certificatePem, pki.b.certificatePem];
    assert.deepEqual(
      anchors.map((pems) => new Set(pems)),
      [new Set([a]), new Set([b]), new Set([a]), new Set([a, b])],
    );
  });

  it('names a group by what it is, so that a reload keeps the name', () => {
    const ids = (first: TestAuthority, second: TestAuthority) =>
      ['a.test', 'b.test'].map(
        (host) =>
          makeGroups(pki, [
            ['a.test', 'request', first, second],
            ['b.test', 'require', first],
          ]).groupFor(name(host)).id,
      );
    assert.deepEqual(ids(pki.a, pki.b)[0], ids(pki.b, pki.a)[0]);
    assert.notEqual(ids(pki.a, pki.b)[1], ids(pki.b, pki.a)[1]);
    assert.notEqual(
      makeGroups(pki, [['a.test', 'request', pki.a]]).groupFor(name('a.test')).id,
      makeGroups(pki, [['a.test', 'require', pki.a]]).groupFor(name('a.test')).id,
    );
  });

  it('describes each host of the configuration once', () => {
    const groups = makeGroups(
      pki,
      [
        ['a.test', 'require', pki.a],
        ['*.test', 'request', pki.b],
        ['a.test', 'none'],
      ],
      ['auth.test'],
    );
    assert.deepEqual(groups.describe(), [
      { host: 'a.test', group: groups.groupFor(name('a.test')).id, mode: 'require', anchors: [hash(pki.a)] },
      { host: '*.test', group: groups.groupFor(name('x.test')).id, mode: 'request', anchors: [hash(pki.b)] },
      { host: 'auth.test', group: groups.groupFor(undefined).id, mode: 'none', anchors: [] },
    ]);
  });

  it('makes a context once for each group and certificate', () => {
    const groups = makeGroups(pki, [
      ['a.test', 'request', pki.a],
      ['b.test', 'request', pki.a],
      ['c.test', 'none'],
    ]);
    const context = (host: string) => groups.secureContextFor(groups.groupFor(name(host)), name(host));
    assert.equal(context('a.test'), context('b.test'));
    assert.notEqual(context('a.test'), context('c.test'));
    assert.notEqual(context('c.test'), context('other.example'));
  });

  it('chooses by the very name, then by a wildcard of one label, then by address, else the fallback', async () => {
    const pairs = await Promise.all([
      makeServer(['*.w.test'], pki.a),
      makeServer(['x.w.test', 'W.TEST.'], pki.a),
      makeServer(['192.0.2.1', '2001:db8::1'], pki.a),
      makeServer(['x.w.test'], pki.b),
    ]);
    const read = readServerCertificates(pairs.map((pair, index) => ({ ...pair, label: String(index) })));
    assert.ok(read.ok);
    const hosts = ['y.w.test', 'x.w.test', 'w.test', 'z.y.w.test', '192.0.2.1', '[2001:db8:0::1]', 'test', 'other.test'];
    assert.deepEqual(
      [...hosts.map((host) => read.chooser.choose(name(host))), read.chooser.choose(undefined)],
      [0, 1, 1, undefined, 2, 2, undefined, undefined, undefined],
    );
  });

  it('refuses a pair that can never serve, each with what to do', async () => {
    const other = await makeServer(['other.test'], pki.a);
    const problemsOf = (...pairs: readonly Partial<NamedServerCertificate>[]) => {
      const certificates = pairs.map((pair, index) => ({ ...pki.server, label: `number ${index}`, ...pair }));
      const result = buildTlsGroups({
        hosts: [],
        certificates,
        plainHosts: [],
        fallback: pki.fallback,
        sendCaNames: true,
        allowPartialChain: true,
      });
      return result.ok ? [] : result.problems;
    };
    assert.deepEqual(problemsOf({}, { keyPem: other.keyPem }, { certificatePem: 'rubbish' }, { keyPem: '' }), [
      { certificate: 1, message: 'Cannot use the server certificate number 1: its key belongs to another certificate' },
      { certificate: 2, message: 'Cannot use the server certificate number 2: expected a certificate in PEM' },
      {
        certificate: 3,
        message:
          'Cannot use the server certificate number 3: its key is no private key in PEM, or is encrypted; write it without a passphrase',
      },
    ]);
  });

  it('remembers a bounded number of the names that strangers make up', () => {
    const groups: TlsGroups = makeGroups(pki, [['*.test', 'request', pki.a]]);
    const first = groups.groupFor(name('first.test'));
    for (let index = 0; index < 20_000; index += 1) groups.groupFor(name(`n${index}.test`));
    assert.equal(groups.groupFor(name('first.test')), first);
  });
});

function hash(authority: TestAuthority): string {
  return new X509Certificate(authority.certificatePem).fingerprint256.replaceAll(':', '').toLowerCase();
}

function name(text: string): Hostname {
  const hostname = parseHostname(text);
  assert.ok(hostname !== undefined);
  return hostname;
}
