import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { askRaw, requestText } from '../dangers/raw-client.ts';
import type { House, LogLine } from './house.ts';
import { ask, configText, openHouse } from './house.ts';

const routes = `
routes:
  - {from: https://app.postern.test, to: http://127.0.0.1:9, allow_public_unauthenticated_access: true}
  - {from: https://certified.postern.test, to: http://127.0.0.1:9, tls_downstream_client_ca_file: ca-a.pem, policy: {allow: {or: [accept: true]}}}
`;
const fields = 'access_log_fields: [user-agent, referer, forwarded-for, query, size, client-certificate, headers.X-Team]';

describe('further fields in the line of a request', () => {
  let house: House;
  before(async () => {
    house = await openHouse({ config: `${fields}\nxff_num_trusted_hops: 1\n${routes}` });
  });
  after(() => house[Symbol.asyncDispose]());

  const lineOf = (path: string): Promise<LogLine> => house.logLine((line) => line['path'] === path);
  const names = ['user_agent', 'referer', 'forwarded_for', 'query', 'headers', 'client_ip', 'remote_address'];

  it('are those that were asked for, and the address that the proxy in front saw', async () => {
    const headers = {
      'user-agent': 'test',
      referer: 'https://x.example/?code=sesame',
      'x-forwarded-for': ['6.6.6.6', '1.1.1.1'],
      'x-team': 'a',
    };
    await ask(house, 'https://app.postern.test/first?a=1&code=sesame', { headers });
    const line = await lineOf('/first');
    assert.deepEqual(chosen(line, names), {
      user_agent: 'test',
      referer: 'https://x.example/',
      forwarded_for: '6.6.6.6, 1.1.1.1',
      query: 'a=1&code=[redacted]',
      headers: { 'X-Team': 'a' },
      client_ip: '1.1.1.1',
      remote_address: '127.0.0.1',
    });
    assert.equal(line['size'], line['bytes_sent']);
  });

  it('tell of a certificate', async () => {
    await ask(house, 'https://certified.postern.test/certified', { client: house.pki.alice });
    const certificate = (await lineOf('/certified'))['client_certificate'] as LogLine;
    assert.deepEqual(
      [certificate['subject'], certificate['issuer'], certificate['sans']],
      ['CN=alice', 'CN=Client CA A', ['email:alice@example.com']],
    );
  });

  it('are there for a request that was refused unread, and hold no secret of an own endpoint', async () => {
    const host = `Host: app.postern.test:${house.port}`;
    await askRaw(house, requestText(['GET /refused%00?code=sesame&a=1 HTTP/1.1', host, 'User-Agent: "\\u001b[31m', 'Connection: close']));
    assert.deepEqual(chosen(await lineOf('/refused%00'), ['query', 'user_agent']), {
      query: 'code=[redacted]&a=1',
      user_agent: '"\\u001b[31m',
    });
    await ask(house, 'https://app.postern.test/.pomerium/callback/?anything=sesame');
    assert.equal((await house.logLine((line) => line['decision'] === 'own'))['query'], null);
  });

  it('keep a line one line of harmless characters', async () => {
    const hostile = 'a\x9b2J\x85"},{"level":"error","msg":"forged"}';
    const host = `Host: app.postern.test:${house.port}`;
    const lines = ['User-Agent', 'Referer', 'X-Forwarded-For', 'X-Team'].map((name) => `${name}: ${hostile}`);
    await askRaw(house, requestText(['GET /hostile?a"},{"level":=%1b[2J HTTP/1.1', host, ...lines, 'Connection: close']));
    const line = await lineOf('/hostile');
    assert.deepEqual([line['user_agent'], line['headers'], line['client_ip']], [hostile, { 'X-Team': hostile }, '127.0.0.1']);
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    for (const raw of house.rawLog) assert.doesNotMatch(raw.replace(/\n$/, ''), /[\x00-\x1f\x7f-\x9f]/);
  });

  it('follow a reload', async () => {
    await writeFile(house.configFile, configText(routes, house.port));
    assert.equal(await house.server.reload(), true);
    await ask(house, 'https://app.postern.test/plain?a=1', { headers: { 'user-agent': 'test' } });
    const line = await lineOf('/plain');
    assert.deepEqual(
      [...names.slice(0, 6), 'size', 'client_certificate'].filter((name) => name in line),
      [],
    );
  });
});

function chosen(line: LogLine, names: readonly string[]): LogLine {
  return Object.fromEntries(names.map((name) => [name, line[name]]));
}
