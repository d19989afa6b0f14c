import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CrlOptions } from '../../src/certificate/issue-crl.ts';
import { issueIntermediate } from '../../src/certificate/issue-certificate.ts';
import type { RevocationStatus } from '../../src/certificate/revocation-lookup.ts';
import { writeContextPrimitive, writeExplicit, writeSequence } from '../../src/certificate/write-der.ts';
import { at } from '../certificate/frozen-times.ts';
import { derOf, extension, listOf } from '../certificate/written-crl.ts';
import { distributionPoints, fullName, longValid, makeAuthority, makeClient, questionOf, uri } from './authority.ts';
import { openTestService } from './service.ts';
import type { Answer } from './source-server.ts';
import { openSourceServer } from './source-server.ts';

const second = 1000;
const hour = 3_600_000;
const day = 24 * hour;
const ca = await makeAuthority();

/** A distribution point with the list of one authority, a certificate that is not on it and one that is. */
async function openPoint(path = '/ca.crl') {
  const says: { answer: Answer } = { answer: Buffer.alloc(0) };
  const server = await openSourceServer(() => says.answer);
  const url = `${server.url}${path}`;
  const [kept, revoked] = await Promise.all([makeClient(ca, { lists: [url] }), makeClient(ca, { lists: [url] })]);
  const publish = (options: Partial<CrlOptions> = {}): void => {
    says.answer = derOf(listOf(ca, [revoked], { to: new Date(at + day), ...options }));
  };
  publish();
  return {
    server,
    url,
    says,
    publish,
    kept: questionOf(kept, ca),
    revoked: questionOf(revoked, ca),
    revokedLeaf: revoked,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function explanationOf(status: RevocationStatus): string {
  return 'explanation' in status ? status.explanation : status.kind;
}

describe('openListSource()', () => {
  it('fetches a list once for all certificates of its issuer, and tells who is on it', async () => {
    await using point = await openPoint();
    await using test = openTestService();
    await Promise.all([test.ask(point.kept), test.ask(point.revoked)]);
    assert.deepEqual([test.lists(point.kept), test.lists(point.revoked)], [{ kind: 'good' }, { kind: 'revoked', source: point.url }]);
    assert.equal(test.lists(point.revoked), test.lists(point.revoked));
    assert.deepEqual([point.server.seen.map(({ method, path }) => `${method} ${path}`), test.fetches], [['GET /ca.crl'], ['crl ok']]);
    assert.deepEqual(test.service.describe(), {
      ocsp: [],
      crls: [
        {
          url: point.url,
          issuer: 'CN=Client CA',
          number: '1',
          this_update: '2026-05-31T12:00:00.000Z',
          next_update: '2026-06-02T12:00:00.000Z',
          entries: 1,
          error: null,
        },
      ],
    });
  });

  it('takes PEM as well', async () => {
    await using point = await openPoint();
    point.says.answer = Buffer.from(listOf(ca, [point.revokedLeaf]));
    await using test = openTestService();
    await test.ask(point.revoked);
    assert.equal(test.lists(point.revoked).kind, 'revoked');
  });

  it('fetches again after the configured time, and says the same in the same object', async () => {
    await using point = await openPoint();
    await using test = openTestService({ cacheTtlMs: hour });
    await test.ask(point.revoked);
    const status = test.lists(point.revoked);
    test.clock.now += hour + 1;
    assert.equal(test.lists(point.revoked).kind, 'unasked');
    await test.ask(point.revoked);
    assert.equal(test.lists(point.revoked), status);
    assert.equal(point.server.seen.length, 2);
    point.says.answer = derOf(listOf(ca, [point.revokedLeaf], { number: 2n }));
    test.clock.now += hour + 1;
    await test.ask(point.revoked);
    assert.equal(test.lists(point.revoked), status);
    assert.equal(point.server.seen.length, 3);
  });

  it('fetches again in the background, past half of the time', async () => {
    await using point = await openPoint();
    await using test = openTestService({ cacheTtlMs: hour });
    await test.ask(point.kept);
    test.clock.now += hour / 2;
    point.says.answer = derOf(listOf(ca, [point.revokedLeaf], { number: 2n }));
    assert.equal(test.lists(point.kept).kind, 'good');
    await point.server.reached(2);
    assert.equal(test.lists(point.kept).kind, 'good');
  });

  it('keeps a list in force while no newer one can be had, for the grace beyond its end and no longer', async () => {
    await using point = await openPoint();
    await using test = openTestService({ cacheTtlMs: hour, staleGraceMs: 2 * hour });
    await test.ask(point.kept);
    point.says.answer = (_, response) => response.writeHead(500).end();
    const found: string[] = [];
    for (const later of [hour + 1, day, day + 2 * hour, day + 2 * hour + 1]) {
      test.clock.now = at + later;
      await test.ask(point.kept);
      found.push(explanationOf(test.lists(point.kept)));
      assert.equal(test.lists(point.revoked).kind, 'revoked', 'a revocation outlasts the list');
    }
    assert.deepEqual(found, ['good', 'good', 'good', 'it answered with status 500']);
  });

  it('does not count a list that is out of date, unless within the grace', async () => {
    await using point = await openPoint();
    point.publish({ to: new Date(at - hour) });
    for (const staleGraceMs of [0, 2 * hour]) {
      await using test = openTestService({ staleGraceMs });
      await test.ask(point.kept);
      const overdue = 'the revocation list was due to be replaced at 2026-06-01T11:00:00.000Z';
      assert.equal(explanationOf(test.lists(point.kept)), staleGraceMs === 0 ? overdue : 'good');
      assert.deepEqual([test.lists(point.revoked).kind, test.fetches], ['revoked', ['crl invalid']]);
      assert.deepEqual(
        test.service.describe().crls.map(({ number, error }) => [number, error]),
        [['1', overdue]],
      );
    }
    point.publish({ from: new Date(at + hour) });
    await using test = openTestService();
    await test.ask(point.kept);
    assert.equal(explanationOf(test.lists(point.kept)), 'the revocation list does not count before 2026-06-01T13:00:00.000Z');
  });

  it('goes back to no earlier list', async () => {
    await using point = await openPoint();
    point.publish({ number: 5n });
    await using test = openTestService({ cacheTtlMs: hour });
    await test.ask(point.kept);
    point.says.answer = derOf(listOf(ca, [], { number: 4n, from: new Date(at) }));
    test.clock.now += hour + 1;
    await test.ask(point.revoked);
    assert.deepEqual([test.lists(point.kept).kind, test.lists(point.revoked).kind], ['good', 'revoked']);
    assert.deepEqual(test.told, [
      'warn: A source of revocations gives no answer that counts (it gives list number 4 after list number 5, which stays in force)',
    ]);
    point.says.answer = derOf(listOf(ca, [], { number: 6n }));
    test.clock.now += 31 * second;
    test.clock.now += hour;
    await test.ask(point.revoked);
    assert.equal(test.lists(point.revoked).kind, 'good');
  });

  it('does not count what is no list of the issuer', async () => {
    await using point = await openPoint();
    const twin = await makeAuthority();
    const other = await makeAuthority('Other CA');
    const delta = extension('2.5.29.27', Buffer.from('020101', 'hex'));
    const changed = derOf(listOf(ca, []));
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    const answers: readonly (readonly [Answer, RegExp])[] = [
      [derOf(listOf(twin, [])), /was not signed by the key of "CN=Client CA"/],
      [derOf(listOf(other, [])), /is of "CN=Other CA" and not of "CN=Client CA"/],
      [changed, /was not signed by the key|cannot be read/],
      [derOf(listOf(ca, [], { extensions: [delta] })), /is a delta list/],
      [Buffer.from('<html>'), /is neither DER nor PEM/],
      [derOf(listOf(ca, [], { hash: 'SHA-1' })), /SHA-1/],
    ];
    for (const [answer, expected] of answers) {
      point.says.answer = answer;
      await using test = openTestService();
      await test.ask(point.kept);
      assert.match(explanationOf(test.lists(point.kept)), expected);
      assert.deepEqual([test.lists(point.kept).kind, test.fetches], ['unreachable', ['crl invalid']]);
    }
  });

  it('takes a part of a list from the distribution point that the part is for, and no other', async () => {
    await using point = await openPoint();
    const part = (url: string): Buffer =>
      derOf(listOf(ca, [point.revokedLeaf], { extensions: [extension('2.5.29.28', writeSequence(fullName(url)))] }));
    const onlyReasons = writeSequence(Buffer.concat([fullName(point.url), writeContextPrimitive(3, Buffer.of(1, 0x40))]));
    const found: string[] = [];
    for (const answer of [
      part(point.url),
      part('http://127.0.0.1/other.crl'),
      derOf(listOf(ca, [], { extensions: [extension('2.5.29.28', onlyReasons)] })),
    ]) {
      point.says.answer = answer;
      await using test = openTestService();
      await test.ask(point.kept);
      found.push(test.lists(point.kept).kind);
    }
    assert.deepEqual(found, ['good', 'unreachable', 'unreachable']);
  });

  it('hears nothing about an authority from a list that speaks of people only', async () => {
    await using point = await openPoint();
    const scope = writeSequence(Buffer.concat([fullName(point.url), writeContextPrimitive(1, Buffer.of(0xff))]));
    point.says.answer = derOf(listOf(ca, [], { extensions: [extension('2.5.29.28', scope)] }));
    const intermediate = await issueIntermediate(ca, {
      commonName: 'Below',
      ...longValid,
      extensions: [distributionPoints(fullName(point.url))],
    });
    await using test = openTestService();
    await test.ask(questionOf(intermediate, ca));
    assert.equal(explanationOf(test.lists(questionOf(intermediate, ca))), 'the revocation list there does not speak of authorities');
    assert.equal(test.lists(point.kept).kind, 'good');
  });

  it('asks the next address when the first has no list, and tells two issuers at one address apart', async () => {
    await using point = await openPoint();
    await using broken = await openSourceServer(() => (_, response) => response.writeHead(404).end());
    const leaf = await makeClient(
      ca,
      {},
      { extensions: [distributionPoints(writeExplicit(0, writeExplicit(0, Buffer.concat([uri(broken.url), uri(point.url)]))))] },
    );
    const twin = await makeAuthority();
    const ofTwin = await makeClient(twin, { lists: [point.url] });
    await using test = openTestService();
    await test.ask(questionOf(leaf, ca));
    await test.ask(questionOf(ofTwin, twin));
    assert.deepEqual([test.lists(questionOf(leaf, ca)).kind, test.lists(questionOf(ofTwin, twin)).kind], ['good', 'unreachable']);
    assert.deepEqual(test.fetches, ['crl error', 'crl ok', 'crl invalid']);
  });
});
