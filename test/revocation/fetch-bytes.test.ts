import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { after, describe, it } from 'node:test';
import { issueServerCertificate } from '../../src/certificate/issue-certificate.ts';
import { checkSource, readAllowedHosts } from '../../src/revocation/allowed-source.ts';
import type { FetchBytes, FetchOrder, FetchOutcome } from '../../src/revocation/fetch-bytes.ts';
import { createFetchBytes } from '../../src/revocation/fetch-bytes.ts';
import { createSlots } from '../../src/revocation/take-slots.ts';
import { freePort } from '../free-ports.ts';
import { longValid, makeAuthority } from './authority.ts';
import type { Answer } from './source-server.ts';
import { openSourceServer } from './source-server.ts';

const closed = new AbortController();
const resolved: string[] = [];
const addresses: Record<string, readonly string[]> = {};
const fetchBytes: FetchBytes = createFetchBytes({
  async resolve(hostname) {
    resolved.push(hostname);
    return (addresses[hostname] ?? []).map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }));
  },
  slots: createSlots({ atOnce: 16, atOnceOfOne: 4, waitingForOne: 4 }),
  closed: closed.signal,
});

after(() => closed.abort());

function orderOf(url: string, order: Partial<FetchOrder> = {}, hosts = [new URL(url).hostname]): FetchOrder {
  const check = checkSource(url, readAllowedHosts(hosts));
  if (!check.ok) throw new Error(`${url}: ${check.explanation}`);
  return { source: check.source, mostBytes: 1000, headWithinMs: 2000, allWithinMs: 2000, ...order };
}

async function answered(answer: Answer, order: Partial<FetchOrder> = {}): Promise<FetchOutcome> {
  await using server = await openSourceServer(() => answer);
  return await fetchBytes(orderOf(`${server.url}/x`, order));
}

const endless: Answer = (_, response) => {
  const timer = setInterval(() => response.write(Buffer.alloc(400)), 1);
  response.on('close', () => clearInterval(timer));
};
const drip: Answer = (_, response) => {
  const timer = setInterval(() => response.write('x'), 10);
  response.on('close', () => clearInterval(timer));
};
const switching: Answer = (request) =>
  request.socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
const cutShort: Answer = (_, response) => {
  response.writeHead(200, { 'content-length': '500' }).write('x', () => response.destroy());
};
const endlessHead: Answer = (_, response) => response.writeHead(200, { 'x-filler': 'x'.repeat(20_000) }).end();

function refused(name: string, address: string): FetchOutcome {
  return { kind: 'refused', explanation: `"${name}" leads to ${address}, which must not be asked` };
}

describe('createFetchBytes()', () => {
  it('gives the bytes of an answer, asked for in plain words', async () => {
    await using server = await openSourceServer(({ method, body }) => Buffer.from(`${method} ${body.toString()}`));
    assert.deepEqual(await fetchBytes(orderOf(`${server.url}/a?b#c`)), { kind: 'ok', bytes: Buffer.from('GET ') });
    const post = { type: 'application/ocsp-request', bytes: Buffer.from('question') };
    assert.deepEqual(await fetchBytes(orderOf(`${server.url}/`, { post })), { kind: 'ok', bytes: Buffer.from('POST question') });
    assert.deepEqual(
      server.seen.map(({ path, headers }) => [path, headers]),
      [
        [
          '/a?b',
          { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'postern', host: new URL(server.url).host, connection: 'close' },
        ],
        [
          '/',
          {
            accept: '*/*',
            'accept-encoding': 'identity',
            'user-agent': 'postern',
            'content-type': 'application/ocsp-request',
            'content-length': '8',
            host: new URL(server.url).host,
            connection: 'close',
          },
        ],
      ],
    );
  });

  it('follows no redirect', async () => {
    await using target = await openSourceServer(() => Buffer.from('secret'));
    for (const location of [`${target.url}/latest/meta-data`, 'http://169.254.169.254/latest/meta-data']) {
      assert.deepEqual(await answered((_, response) => response.writeHead(302, { location }).end()), {
        kind: 'refused',
        explanation: 'it redirects (status 302), which is not followed',
      });
    }
    assert.equal(target.seen.length, 0);
  });

  it('takes no other status than 200', async () => {
    for (const status of [201, 204, 206, 404, 500])
      assert.deepEqual(await answered((_, response) => response.writeHead(status).end()), {
        kind: 'error',
        explanation: `it answered with status ${status}`,
      });
  });

  it('takes no more than it may, whatever the head says, and nothing packed', async () => {
    const tooLarge = { kind: 'invalid', explanation: 'its answer is larger than 1000 bytes' };
    assert.deepEqual(await answered(Buffer.alloc(1000)), { kind: 'ok', bytes: Buffer.alloc(1000) });
    assert.deepEqual(await answered(Buffer.alloc(1001)), tooLarge);
    assert.deepEqual(await answered(endless), tooLarge);
    assert.deepEqual(await answered((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'))), {
      kind: 'invalid',
      explanation: 'its answer is packed',
    });
    assert.deepEqual(await answered(endlessHead), { kind: 'error', explanation: 'the connection failed (HPE_HEADER_OVERFLOW)' });
  });

  it('waits no longer than it may: for a connection, a head, a body that drips, or a place', async () => {
    const late = { kind: 'timeout', explanation: 'no whole answer came in time' };
    assert.deepEqual(await answered(() => {}, { headWithinMs: 50 }), late);
    assert.deepEqual(await answered(drip, { headWithinMs: 60, allWithinMs: 120 }), late);
    // A server that accepts connections and never says a word of TLS.
    const silent = createTcpServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    assert.deepEqual(await fetchBytes(orderOf(`https://127.0.0.1:${port}/`, { headWithinMs: 50 })), late);
    silent.close();
    await using server = await openSourceServer(() => () => {});
    // Four have the places until the server is gone.
    const asked = Array.from({ length: 4 }, () => fetchBytes(orderOf(`${server.url}/`, { headWithinMs: 60_000, allWithinMs: 60_000 })));
    await server.reached(4);
    const order = orderOf(`${server.url}/`, { headWithinMs: 100 });
    assert.deepEqual(await Promise.all(Array.from({ length: 5 }, () => fetchBytes(order))), [
      ...Array.from({ length: 4 }, () => late),
      { kind: 'refused', explanation: 'too many others were being asked' },
    ]);
    assert.equal(server.seen.length, 4, 'the others were asked');
    await server[Symbol.asyncDispose]();
    await Promise.all(asked);
  });

  it('has so many places for one machine, whatever its ports', async () => {
    await using slow = await openSourceServer(() => () => {});
    await using other = await openSourceServer(() => Buffer.from('here'));
    const late = Array.from({ length: 4 }, () => fetchBytes(orderOf(`${slow.url}/`, { headWithinMs: 150 })));
    await slow.reached(4);
    const waiting = fetchBytes(orderOf(`${other.url}/`));
    await Promise.all(late);
    assert.deepEqual([await waiting, slow.seen.length], [{ kind: 'ok', bytes: Buffer.from('here') }, 4]);
    assert.equal(other.seen.length, 1);
  });

  it('gives a place back when the server switches protocols, of which Node says nothing', async () => {
    await using server = await openSourceServer(() => switching);
    // More than there are places for one origin.
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => fetchBytes(orderOf(`${server.url}/`))));
    const expected = { kind: 'error', explanation: 'the connection failed (it gave no answer of HTTP)' };
    assert.deepEqual(
      outcomes,
      outcomes.map(() => expected),
    );
  });

  it('says what became of a connection', async () => {
    assert.deepEqual(await fetchBytes(orderOf(`http://127.0.0.1:${await freePort()}/`)), {
      kind: 'error',
      explanation: 'the connection failed (ECONNREFUSED)',
    });
    assert.deepEqual(await answered((request) => request.socket.destroy()), {
      kind: 'error',
      explanation: 'the connection failed (ECONNRESET)',
    });
    assert.deepEqual(await answered(cutShort), { kind: 'error', explanation: 'the connection failed (ECONNRESET)' });
    assert.deepEqual(await fetchBytes(orderOf('http://nowhere.example/')), {
      kind: 'error',
      explanation: 'the connection failed ("nowhere.example" has no address)',
    });
  });

  it('connects to the address that it checked, asked for once', async () => {
    await using server = await openSourceServer(() => Buffer.from('here'));
    addresses['ocsp.corp.example'] = ['127.0.0.1'];
    resolved.length = 0;
    assert.deepEqual(await fetchBytes(orderOf(`http://ocsp.corp.example:${server.port}/`)), { kind: 'ok', bytes: Buffer.from('here') });
    assert.deepEqual([resolved, server.seen[0]?.headers.host], [['ocsp.corp.example'], `ocsp.corp.example:${server.port}`]);
  });

  it('connects to no link-local address, and below a wildcard to public addresses alone', async () => {
    await using server = await openSourceServer(() => Buffer.from('here'));
    addresses['named.example'] = ['127.0.0.1', '169.254.169.254'];
    const named = await fetchBytes(orderOf(`http://named.example:${server.port}/`));
    assert.deepEqual(named, refused('named.example', '169.254.169.254'));
    for (const address of ['127.0.0.1', '10.0.0.1', '::ffff:127.0.0.1', '::1', 'fd00::1']) {
      addresses['a.wild.example'] = ['1.1.1.1', address];
      const wild = await fetchBytes(orderOf(`http://a.wild.example:${server.port}/`, {}, ['*.wild.example']));
      assert.deepEqual(wild, refused('a.wild.example', address));
    }
    assert.equal(server.seen.length, 0);
  });

  it('asks nobody over TLS whose certificate is of no public authority, whatever the environment says', async () => {
    const server = await issueServerCertificate(await makeAuthority(), { commonName: 'x', ipAddresses: ['127.0.0.1'], ...longValid });
    const listening = createServer({ cert: server.certificatePem, key: server.keyPem }, (_, response) => response.end('here'));
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const { port } = listening.address() as AddressInfo;
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      assert.deepEqual(await fetchBytes(orderOf(`https://127.0.0.1:${port}/`)), {
        kind: 'error',
        explanation: 'the connection failed (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
      });
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      listening.close();
    }
  });
});
