import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collectGarbage } from '../collect-garbage.ts';
import { at } from '../certificate/frozen-times.ts';
import { derOf, listOf } from '../certificate/written-crl.ts';
import { makeAuthority, makeClient, questionOf, settingsOf } from './authority.ts';
import { openTestService } from './service.ts';
import { openSourceServer } from './source-server.ts';
import { nonceOf, writeOcspResponse, writeRefusal } from './written-ocsp.ts';

const ca = await makeAuthority();

describe('openRevocation()', () => {
  it('gives one lookup for settings that ask alike', async () => {
    await using test = openTestService();
    const lookup = test.lookup();
    assert.equal(test.lookup({ mode: 'strict', check: 'chain', allowedHosts: ['127.0.0.1'] }), lookup);
    assert.equal(test.service.lookup(settingsOf({ sources: ['ocsp', 'crl_file', 'crl_distribution_points'] })), lookup);
    for (const other of [{ timeoutMs: 1 }, { cacheTtlMs: 1 }, { staleGraceMs: 1 }, { allowedHosts: [] }, { sources: ['ocsp' as const] }])
      assert.notEqual(test.lookup(other), lookup);
  });

  it('asks the sources in the order of the settings, until one knows', async () => {
    for (const [ocspAnswers, expected] of [
      ['good', { first: ['/ocsp'], second: ['/list'] }],
      ['unknown', { first: ['/ocsp'], second: ['/list'] }],
      ['nothing', { first: ['/ocsp', '/list'], second: ['/list'] }],
    ] as const) {
      await using server = await openSourceServer(({ path, body }) => {
        if (path === '/list') return derOf(listOf(ca, []));
        if (ocspAnswers === 'nothing') return writeRefusal(3);
        return writeOcspResponse({ question, signer: ca, status: ocspAnswers, thisUpdate: at, nonce: nonceOf(body) });
      });
      const leaf = await makeClient(ca, { ocsp: [`${server.url}/ocsp`], lists: [`${server.url}/list`] });
      const question = questionOf(leaf, ca);
      const asked = async (sources: Parameters<typeof settingsOf>[0]): Promise<readonly string[]> => {
        await using test = openTestService(sources);
        const before = server.seen.length;
        await test.ask(question);
        return server.seen.slice(before).map(({ path }) => path);
      };
      assert.deepEqual(await asked({ sources: ['ocsp', 'crl_distribution_points'] }), expected.first, ocspAnswers);
      assert.deepEqual(await asked({ sources: ['crl_distribution_points', 'crl_file', 'ocsp'] }), expected.second, ocspAnswers);
      assert.deepEqual(await asked({ sources: ['ocsp'] }), ['/ocsp']);
    }
  });

  it('gives the whole time to the one kind of source that a certificate names', async () => {
    await using server = await openSourceServer(async ({ body }) => {
      await new Promise((resolve) => setTimeout(resolve, 450));
      return writeOcspResponse({ question, signer: ca, thisUpdate: at, nonce: nonceOf(body) });
    });
    const question = questionOf(await makeClient(ca, { ocsp: [server.url] }), ca);
    // A half of it would not do.
    await using test = openTestService({ timeoutMs: 800 });
    await test.ask(question);
    assert.equal(test.ocsp(question).kind, 'good');
  });

  it('asks nothing of a host that is not allowed, and says so once in an hour', async () => {
    await using server = await openSourceServer(() => Buffer.alloc(0));
    const sources = { ocsp: [server.url, 'ldap:///x'], lists: [`http://localhost:${server.port}/`, 'http://169.254.169.254/'] };
    await using test = openTestService();
    for (let count = 0; count < 2; count += 1) {
      const question = questionOf(await makeClient(ca, sources), ca);
      const strict = test.lookup({ allowedHosts: ['crl.corp.example'] });
      await strict.ask(question);
      const statuses = (['ocsp', 'crl_distribution_points'] as const).map((source) => strict.statusOf(question, source, at).kind);
      assert.deepEqual(statuses, ['no-source', 'no-source']);
    }
    const notAmong = 'warn: A certificate names a source of revocations that is not asked (its host is not among `allowed_hosts`)';
    assert.deepEqual(test.told, [
      notAmong,
      'warn: A certificate names a source of revocations that is not asked (it is neither http:// nor https://)',
      notAmong,
      notAmong,
    ]);
    assert.deepEqual([server.seen.length, test.fetches], [0, []]);
  });

  it('has no source for a certificate that names none', async () => {
    await using test = openTestService();
    const question = questionOf(await makeClient(ca, {}), ca);
    await test.ask(question);
    assert.deepEqual([test.ocsp(question), test.lists(question)], [{ kind: 'no-source' }, { kind: 'no-source' }]);
    assert.deepEqual([test.told, test.service.describe()], [[], { ocsp: [], crls: [] }]);
  });

  it('keeps what was fetched for as long as somebody holds the lookup, and no longer', async () => {
    await using server = await openSourceServer(({ body }) =>
      writeOcspResponse({ question, signer: ca, thisUpdate: at, nonce: nonceOf(body) }),
    );
    const question = questionOf(await makeClient(ca, { ocsp: [server.url] }), ca);
    await using test = openTestService();
    const askBy = async (): Promise<void> => test.lookup({ cacheTtlMs: 7_000_000 }).ask(question);
    await askBy();
    for (let round = 0; round < 50 && server.seen.length === 1; round += 1) {
      await collectGarbage();
      await askBy();
    }
    assert.equal(server.seen.length, 2);
    await test.ask(question);
    await collectGarbage();
    await test.ask(question);
    assert.equal(server.seen.length, 3);
  });

  it('ends what is under way when it is closed', async () => {
    await using server = await openSourceServer(() => () => {});
    const question = questionOf(await makeClient(ca, { ocsp: [server.url] }), ca);
    const test = openTestService({ timeoutMs: 60_000 });
    const asking = test.ask(question);
    await server.reached(1);
    await test.service[Symbol.asyncDispose]();
    await asking;
    assert.equal(test.ocsp(question).kind, 'unreachable');
    await test.ask(question);
    assert.equal(server.seen.length, 1);
  });
});
