import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { freePort } from '../free-ports.ts';
import { at } from '../certificate/frozen-times.ts';
import { makeAuthority, makeClient, questionOf } from './authority.ts';
import { openTestService } from './service.ts';
import type { Answer } from './source-server.ts';
import { openSourceServer } from './source-server.ts';
import type { OcspOptions } from './written-ocsp.ts';
import { nonceOf, writeOcspResponse, writeRefusal } from './written-ocsp.ts';

const second = 1000;
const hour = 3_600_000;
const ca = await makeAuthority();

/** A responder about one certificate; what it says can be changed on the way. */
async function openResponder(start: Partial<OcspOptions> = {}) {
  const says: { options: Partial<OcspOptions>; instead: Answer | undefined } = { options: start, instead: undefined };
  const server = await openSourceServer(({ body }) => {
    const usual = { question, signer: ca, thisUpdate: at, nextUpdate: at + 24 * hour, nonce: nonceOf(body) };
    return says.instead ?? writeOcspResponse({ ...usual, ...says.options });
  });
  const question = questionOf(await makeClient(ca, { ocsp: [server.url] }), ca);
  return { server, question, says, source: `${server.url}/`, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe('openOcspSource()', () => {
  it('asks once, however many want to know, and remembers the answer for the configured time', async () => {
    await using responder = await openResponder();
    await using test = openTestService({ cacheTtlMs: hour });
    const { question, server } = responder;
    assert.deepEqual(test.ocsp(question), { kind: 'unasked' });
    await Promise.all([test.ask(question), test.ask(question), test.ask(question)]);
    assert.deepEqual(test.ocsp(question), { kind: 'good' });
    test.clock.now = at + hour;
    await test.ask(question);
    assert.deepEqual([test.ocsp(question).kind, server.seen.length, test.fetches], ['good', 1, ['ocsp ok']]);
    test.clock.now = at + hour + 1;
    assert.equal(test.ocsp(question).kind, 'unasked');
    await test.ask(question);
    assert.deepEqual([test.ocsp(question).kind, server.seen.length], ['good', 2]);
    assert.equal(server.seen[0]?.headers['content-type'], 'application/ocsp-request');
    assert.notDeepEqual(nonceOf(server.seen[0]?.body ?? Buffer.alloc(0)), nonceOf(server.seen[1]?.body ?? Buffer.alloc(0)));
  });

  it('remembers no answer beyond its own end', async () => {
    await using responder = await openResponder({ nextUpdate: at + 10 * second });
    await using test = openTestService();
    await test.ask(responder.question);
    test.clock.now = at + 10 * second;
    assert.equal(test.ocsp(responder.question).kind, 'good');
    test.clock.now += 1;
    assert.equal(test.ocsp(responder.question).kind, 'unasked');
    await test.ask(responder.question);
    const { source } = responder;
    assert.deepEqual(test.ocsp(responder.question), { kind: 'unreachable', source, explanation: 'its answer is out of date' });
  });

  it('gives the same object for as long as it knows the same', async () => {
    await using responder = await openResponder({ status: 'revoked' });
    await using test = openTestService({ cacheTtlMs: hour });
    await test.ask(responder.question);
    const status = test.ocsp(responder.question);
    assert.deepEqual(status, { kind: 'revoked', source: responder.source });
    test.clock.now += hour + 1;
    await test.ask(responder.question);
    assert.equal(test.ocsp(responder.question), status);
    assert.equal(responder.server.seen.length, 2);
  });

  it('asks a responder that is dead once in half a minute, and says once that it is', async () => {
    const question = questionOf(await makeClient(ca, { ocsp: [`http://127.0.0.1:${await freePort()}/`] }), ca);
    await using test = openTestService();
    await test.ask(question);
    const status = test.ocsp(question);
    assert.equal(status.kind === 'unreachable' ? status.explanation : status.kind, 'the connection failed (ECONNREFUSED)');
    for (let request = 0; request < 10; request += 1) await test.ask(question);
    test.clock.now = at + 30 * second;
    await test.ask(question);
    assert.deepEqual([test.ocsp(question) === status, test.fetches], [true, ['ocsp error']]);
    test.clock.now += 1;
    assert.equal(test.ocsp(question).kind, 'unasked');
    await test.ask(question);
    assert.deepEqual([test.ocsp(question) === status, test.fetches.length], [true, 2]);
    assert.deepEqual(test.told, ['warn: A source of revocations gives no answer that counts (the connection failed (ECONNREFUSED))']);
  });

  it('says that a responder answers again', async () => {
    await using responder = await openResponder();
    await using test = openTestService();
    responder.says.instead = writeRefusal(3);
    await test.ask(responder.question);
    const url = responder.source;
    assert.deepEqual(test.service.describe(), { ocsp: [{ url, last_success: null, last_error: 'it has no answer (tryLater)' }], crls: [] });
    responder.says.instead = undefined;
    test.clock.now += 31 * second;
    await test.ask(responder.question);
    assert.deepEqual(test.service.describe(), { ocsp: [{ url, last_success: '2026-06-01T12:00:31.000Z', last_error: null }], crls: [] });
    assert.deepEqual(test.told, [
      'warn: A source of revocations gives no answer that counts (it has no answer (tryLater))',
      'info: A source of revocations answers again',
    ]);
    assert.deepEqual(test.fetches, ['ocsp invalid', 'ocsp ok']);
  });

  it('forgets soon that a responder did not know a certificate', async () => {
    await using responder = await openResponder({ status: 'unknown' });
    await using test = openTestService();
    await test.ask(responder.question);
    assert.deepEqual(test.ocsp(responder.question), { kind: 'unknown', source: responder.source });
    test.clock.now += 30 * second + 1;
    assert.equal(test.ocsp(responder.question).kind, 'unasked');
  });

  it('asks the second responder when the first has no answer', async () => {
    await using responder = await openResponder();
    await using dead = await openSourceServer(() => writeRefusal(2));
    const { certificate } = responder.question;
    const both = await makeClient(ca, { ocsp: [dead.url, responder.server.url] }, { serial: certificate.serial.toLowerCase() });
    await using test = openTestService();
    await test.ask(questionOf(both, ca));
    assert.deepEqual([test.ocsp(questionOf(both, ca)).kind, dead.seen.length, responder.server.seen.length], ['good', 1, 1]);
  });

  it('waits no longer than it may, and takes an answer that comes late for the next who ask', async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    await using server = await openSourceServer(async ({ body }) => {
      await held;
      return writeOcspResponse({ question, signer: ca, thisUpdate: at, nonce: nonceOf(body) });
    });
    const question = questionOf(await makeClient(ca, { ocsp: [server.url], lists: [`http://127.0.0.1:${await freePort()}/`] }), ca);
    // With two sources, the first may take half of the time.
    await using test = openTestService({ timeoutMs: 600 });
    await test.ask(question);
    assert.deepEqual(test.ocsp(question), { kind: 'unreachable', source: `${server.url}/`, explanation: 'no answer came in time' });
    assert.deepEqual([test.lists(question).kind, test.fetches], ['unreachable', ['crl error']]);
    release();
    while (test.ocsp(question).kind !== 'good') await new Promise(setImmediate);
    assert.deepEqual(test.fetches, ['crl error', 'ocsp ok']);
  });

  it('ends a question that is never answered', async () => {
    await using responder = await openResponder();
    responder.says.instead = () => {};
    await using test = openTestService({ timeoutMs: 50, sources: ['ocsp'] });
    await test.ask(responder.question);
    assert.equal(test.ocsp(responder.question).kind, 'unreachable');
    while (test.fetches.length === 0) await new Promise(setImmediate);
    assert.deepEqual(test.fetches, ['ocsp timeout']);
  });

  it('keeps a revocation when the responder falls silent, and a good word no longer than it counts', async () => {
    for (const status of ['good', 'revoked'] as const) {
      await using responder = await openResponder({ status });
      await using test = openTestService({ cacheTtlMs: hour });
      await test.ask(responder.question);
      responder.says.instead = (_, response) => response.writeHead(503).end();
      test.clock.now += hour + 1;
      await test.ask(responder.question);
      assert.equal(test.ocsp(responder.question).kind, status === 'good' ? 'unreachable' : 'revoked');
    }
  });

  it('lets no answer from before a revocation take it back', async () => {
    await using responder = await openResponder({ status: 'revoked' });
    await using test = openTestService({ cacheTtlMs: hour });
    await test.ask(responder.question);
    test.clock.now += hour + 1;
    // A responder without nonces, and somebody who kept what it said.
    responder.says.instead = writeOcspResponse({
      question: responder.question,
      signer: ca,
      thisUpdate: at - second,
      nextUpdate: at + 24 * hour,
    });
    await test.ask(responder.question);
    assert.equal(test.ocsp(responder.question).kind, 'revoked');
    responder.says.instead = writeOcspResponse({
      question: responder.question,
      signer: ca,
      thisUpdate: at + second,
      nextUpdate: at + 24 * hour,
    });
    test.clock.now += 31 * second;
    await test.ask(responder.question);
    assert.deepEqual([test.ocsp(responder.question).kind, test.fetches], ['good', ['ocsp ok', 'ocsp invalid', 'ocsp ok']]);
  });

  it('asks again in the background while somebody wants to know, and the old answer counts meanwhile', async () => {
    await using responder = await openResponder();
    await using test = openTestService({ cacheTtlMs: hour });
    await test.ask(responder.question);
    assert.equal(test.ocsp(responder.question).kind, 'good');
    test.clock.now = at + hour / 2;
    responder.says.options = { status: 'revoked' };
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(responder.server.seen.length, 1, 'nobody wanted to know since it was asked');
    assert.equal(test.ocsp(responder.question).kind, 'good');
    while (test.ocsp(responder.question).kind === 'good') await new Promise(setImmediate);
    assert.deepEqual([test.ocsp(responder.question).kind, responder.server.seen.length], ['revoked', 2]);
  });

  it('follows no redirect to a metadata service', async () => {
    await using responder = await openResponder();
    responder.says.instead = (_, response) => response.writeHead(307, { location: 'http://169.254.169.254/latest/' }).end();
    await using test = openTestService();
    await test.ask(responder.question);
    assert.deepEqual([test.ocsp(responder.question).kind, test.fetches], ['unreachable', ['ocsp refused']]);
  });

  it('does not count what is no answer to its question', async () => {
    await using responder = await openResponder();
    const neighbour = questionOf(await makeClient(ca, {}), ca);
    const answers: readonly Answer[] = [
      Buffer.from('<html>'),
      Buffer.alloc(70_000),
      writeRefusal(6),
      writeOcspResponse({ question: responder.question, signer: ca, thisUpdate: at, nonce: Buffer.alloc(32) }),
      writeOcspResponse({ question: neighbour, signer: ca, thisUpdate: at }),
      writeOcspResponse({ question: responder.question, signer: ca, thisUpdate: at - 2 * hour, nextUpdate: at - hour }),
    ];
    for (const answer of answers) {
      responder.says.instead = answer;
      await using test = openTestService();
      await test.ask(responder.question);
      assert.deepEqual([test.ocsp(responder.question).kind, test.fetches], ['unreachable', ['ocsp invalid']]);
    }
  });
});
