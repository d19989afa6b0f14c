import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectPlain, createServer as createPlainServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Connection } from '../../src/http/connection.ts';
import type { HandshakeOutcome } from '../../src/listener/listener-handlers.ts';
import { makeAuthority, makeClient } from './make-certificates.ts';
import { binaryHeader, tcp4, tcp6 } from './proxy-header-bytes.ts';
import { connectPlain as connectTcp, connectTls, exchangeRaw, readToEnd, startTls, writeBytewise } from './raw-client.ts';
import type { TestPki } from './start-listener.ts';
import { makeGroups, makePki, sendText, startListener } from './start-listener.ts';

describe('Handshakes', () => {
  let pki: TestPki;
  let folder: string;

  before(async () => {
    pki = await makePki();
    folder = mkdtempSync(join(tmpdir(), 'postern-handshakes-'));
    for (const name of ['alice', 'bob'] as const)
      writeFileSync(join(folder, `${name}.pem`), pki[name].certificatePem + '\n' + pki[name].keyPem);
  });
  after(() => rmSync(folder, { recursive: true }));

  const hosts = () =>
    makeGroups(pki, [
      ['a.test', 'request', pki.a],
      ['b.test', 'request', pki.b],
      ['strict.test', 'require', pki.a],
      ['plain.test', 'none'],
    ]);

  it('asks for a certificate only where a host demands it, and names only the CAs of that host', async () => {
    await using server = await startListener({ groups: hosts() });
    const seen: Record<string, string[]> = {};
    for (const name of ['a.test', 'A.TEST', 'a.test.', 'b.test', 'plain.test', 'unknown.test', '-noservername']) {
      for (const version of ['-tls1_2', '-tls1_3']) {
        const target = name.startsWith('-') ? [name] : ['-servername', name];
        const text = await openssl(server.port, version, '-quiet', '-state', '-msg', ...target);
        assert.match(text, /HTTP\/1\.1 200/);
        const asked = /CertificateRequest/.test(text);
        (seen[name] ??= []).push(asked ? 'asked' : 'not asked');
      }
    }
    const asked = ['asked', 'asked'];
    const not = ['not asked', 'not asked'];
    assert.deepEqual(seen, {
      'a.test': asked,
      'A.TEST': asked,
      'a.test.': asked,
      'b.test': asked,
      'plain.test': not,
      'unknown.test': not,
      '-noservername': not,
    });
    const names = async (host: string) =>
      /Acceptable client certificate CA names\n(.*)\n(.*)\n/.exec(await openssl(server.port, '-servername', host))?.slice(1);
    assert.deepEqual([(await names('a.test'))?.[0], (await names('b.test'))?.[0]], ['CN = CA A', 'CN = CA B']);
    assert.notEqual((await names('a.test'))?.[1], 'CN = CA B');
  });

  it('asks as well when the ClientHello comes in one-byte segments and one-byte records', async () => {
    await using server = await startListener({ groups: hosts() });
    for (const mangle of [(hello: Buffer) => hello, oneByteRecords]) {
      using proxy = await passBytewise(server.port, mangle);
      const alice = { servername: 'a.test', cert: pki.alice.certificatePem, key: pki.alice.keyPem };
      assert.match(await exchangeRaw(proxy.port, 'GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n', alice), /200 OK/);
    }
    assert.deepEqual(server.outcomes.map(summary), [
      ['ok', undefined, 'a.test', 'CN=alice'],
      ['ok', undefined, 'a.test', 'CN=alice'],
    ]);
  });

  it('captures the connection once: name as sent and canonical, group, certificate, verdict', async () => {
    const groups = hosts();
    const connections: Connection[] = [];
    await using server = await startListener({
      groups,
      onRequest({ inbound, sink }) {
        connections.push(inbound.connection);
        sink.send({ status: 200, headers: [], body: '' });
      },
    });
    const ask = (servername: string, person?: 'alice' | 'bob') =>
      exchangeRaw(server.port, 'GET / HTTP/1.1\r\nHost: x.test\r\nConnection: close\r\n\r\n', {
        servername,
        ...(person === undefined ? {} : { cert: pki[person].certificatePem, key: pki[person].keyPem }),
      });
    await ask('A.Test', 'alice');
    await ask('a.test', 'bob');
    await ask('a.test');
    await ask('plain.test', 'alice');
    const [a, none] = [groups.groupFor(undefined), groups.groupFor(undefined)].map(({ id }) => id);
    assert.equal(a, none);
    assert.deepEqual(
      connections.map(({ sniRaw, hostname, asked, certificate, resumed, tlsVersion, remoteAddress }) => [
        sniRaw,
        hostname,
        asked,
        certificate.kind === 'none' ? 'none' : `${certificate.leaf.subject} ${certificate.tlsVerdict}`,
        resumed,
        tlsVersion,
        remoteAddress,
      ]),
      [
        ['A.Test', 'a.test', true, 'CN=alice undefined', false, 'TLSv1.3', '127.0.0.1'],
        ['a.test', 'a.test', true, 'CN=bob UNABLE_TO_GET_ISSUER_CERT_LOCALLY', false, 'TLSv1.3', '127.0.0.1'],
        ['a.test', 'a.test', true, 'none', false, 'TLSv1.3', '127.0.0.1'],
        ['plain.test', 'plain.test', false, 'none', false, 'TLSv1.3', '127.0.0.1'],
      ],
    );
    assert.deepEqual(
      server.outcomes.map(({ result, group }) => [result, group]),
      connections.map(({ group }) => ['ok', group]),
    );
    assert.deepEqual(
      connections.map(({ id }) => id),
      [1, 2, 3, 4],
    );
  });

  it('shows the intermediates that a client sent', async () => {
    const middle = await makeAuthority('Middle', pki.a);
    const carol = await makeClient('carol', middle);
    const chains: (readonly string[])[] = [];
    await using server = await startListener({
      groups: hosts(),
      onHandshake({ connection }) {
        if (connection?.certificate.kind === 'presented') chains.push(connection.certificate.chain.map(({ subject }) => subject));
      },
    });
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = await connectTls(server.port, {
        servername: 'a.test',
        maxVersion,
        cert: `${carol.certificatePem}\n${middle.certificatePem}\n${pki.a.certificatePem}`,
        key: carol.keyPem,
      });
      socket.end('GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n');
      await readToEnd(socket);
    }
    assert.deepEqual(chains, [
      ['CN=Middle', 'CN=CA A'],
      ['CN=Middle', 'CN=CA A'],
    ]);
  });

  for (const version of ['-tls1_2', '-tls1_3']) {
    it(`resumes no session of one group in another, and none where a certificate is asked for (${version})`, async () => {
      await using server = await startListener({ groups: hosts() });
      const session = join(folder, `session${version}`);
      const steps: readonly (readonly [from: string, to: string])[] = [
        ['a.test', 'b.test'],
        ['b.test', 'a.test'],
        ['a.test', 'a.test'],
        ['plain.test', 'a.test'],
        ['a.test', 'plain.test'],
      ];
      for (const [from, to] of steps) {
        const person = from === 'b.test' ? 'bob' : 'alice';
        await openssl(server.port, version, '-servername', from, '-cert', join(folder, `${person}.pem`), '-sess_out', session);
        server.outcomes.length = 0;
        const text = await openssl(server.port, version, '-servername', to, '-sess_in', session);
        assert.doesNotMatch(text, /Reused, /, `${from} then ${to}`);
        const [outcome] = server.outcomes;
        assert.deepEqual([outcome?.connection?.resumed, outcome?.connection?.certificate], [false, { kind: 'none' }], `${from} then ${to}`);
      }
      await openssl(server.port, version, '-servername', 'plain.test', '-sess_out', session);
      assert.match(await openssl(server.port, version, '-servername', 'unknown.test', '-sess_in', session), /Reused, /, 'the control');
    });
  }

  it('refuses renegotiation', async () => {
    await using server = await startListener({ groups: hosts() });
    const socket = await connectTls(server.port, { servername: 'a.test', maxVersion: 'TLSv1.2' });
    socket.on('error', () => {});
    const { promise, resolve } = Promise.withResolvers<Error | null>();
    socket.renegotiate({ rejectUnauthorized: false }, resolve);
    socket.on('close', () => resolve(new Error('closed')));
    assert.ok((await promise) instanceof Error);
    socket.destroy();
  });

  it('lets nobody in without a valid certificate where one is required, and says whose it was', async () => {
    await using server = await startListener({ groups: hosts() });
    const ask = (person?: 'alice' | 'bob') =>
      exchangeRaw(server.port, 'GET / HTTP/1.1\r\nHost: strict.test\r\nConnection: close\r\n\r\n', {
        servername: 'strict.test',
        ...(person === undefined ? {} : { cert: pki[person].certificatePem, key: pki[person].keyPem }),
      });
    assert.match(await ask('alice'), /200 OK/);
    assert.equal(await ask('bob'), '');
    assert.equal(await ask(), '');
    assert.deepEqual(server.outcomes.map(summary), [
      ['ok', undefined, 'strict.test', 'CN=alice'],
      ['refused', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'strict.test', 'CN=bob'],
      ['refused', 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE', 'strict.test', undefined],
    ]);
  });

  it('refuses whom the judge refuses, and everybody when the judge fails', async () => {
    const alice = { servername: 'strict.test', cert: pki.alice.certificatePem, key: pki.alice.keyPem };
    for (const judgeHandshake of [() => 'revoked', () => JSON.parse('{') as string]) {
      await using server = await startListener({ groups: hosts(), judgeHandshake });
      assert.equal(await exchangeRaw(server.port, 'GET / HTTP/1.1\r\nHost: strict.test\r\n\r\n', alice), '');
      assert.deepEqual(
        server.outcomes.map(({ result }) => result),
        ['refused'],
      );
    }
  });

  it('serves the certificate that fits the name, and the fallback where none does', async () => {
    await using server = await startListener({ groups: hosts() });
    const subjects: (string | undefined)[] = [];
    for (const servername of ['a.test', 'plain.test', 'deep.plain.test', 'other.example']) {
      const socket = await connectTls(server.port, { servername });
      subjects.push(socket.getPeerX509Certificate()?.subject);
      socket.destroy();
    }
    assert.deepEqual(subjects, ['CN=*.test', 'CN=*.test', 'CN=fallback.invalid', 'CN=fallback.invalid']);
  });

  it('takes the groups in force for each connection', async () => {
    let groups = makeGroups(pki, [['a.test', 'none']]);
    await using server = await startListener({ groups: () => groups });
    const alice = { servername: 'a.test', cert: pki.alice.certificatePem, key: pki.alice.keyPem };
    const request = 'GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n';
    await exchangeRaw(server.port, request, alice);
    groups = hosts();
    await exchangeRaw(server.port, request, alice);
    assert.deepEqual(server.outcomes.map(summary), [
      ['ok', undefined, 'a.test', undefined],
      ['ok', undefined, 'a.test', 'CN=alice'],
    ]);
  });

  it('tells a client that speaks HTTP in the clear to use HTTPS', async () => {
    await using server = await startListener({ groups: hosts() });
    const text = await plainExchange(server.port, 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
    assert.match(text, /^HTTP\/1\.1 400 Bad Request\r\n[^]*https:\/\/\n$/);
    assert.deepEqual(server.outcomes.map(summary), [['malformed', 'HTTP in the clear', undefined, undefined]]);
  });

  it('closes on a malformed hello, on one that never ends, and on a handshake that stalls', async () => {
    await using server = await startListener({ groups: hosts(), limits: { helloMs: 60, handshakeMs: 60 } });
    assert.equal(await plainExchange(server.port, '\x16\x03\x01\x00\x00'), '');
    assert.equal(await plainExchange(server.port, '\x16\x03\x01'), '');
    assert.match(await plainExchange(server.port, minimalHello), /^[^]/);
    assert.deepEqual(server.outcomes.map(summary), [
      ['malformed', 'the record has 0 bytes', undefined, undefined],
      ['timeout', 'no complete ClientHello in time', undefined, undefined],
      ['timeout', 'the handshake was not done in time', undefined, undefined],
    ]);
  });

  it('takes the peer from a PROXY header where one is required, however it is cut', async () => {
    const peers: string[] = [];
    await using server = await startListener({
      groups: hosts(),
      proxyProtocol: true,
      onRequest({ inbound: { connection }, sink }) {
        peers.push(`${connection.remoteAddress} ${connection.remotePort} ${connection.hostname}`);
        sendText(sink, 'ok');
      },
    });
    const headers = [
      Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n'),
      Buffer.from('PROXY TCP6 2001:db8::7 2001:db8::1 1 443\r\n'),
      binaryHeader(0x21, 0x11, tcp4('192.0.2.8', 2)),
      binaryHeader(0x21, 0x21, Buffer.concat([tcp6('20010db8000000000000000000000008', 3), Buffer.of(4, 0, 1, 0)])),
    ];
    for (const header of headers) {
      for (const cut of [true, false]) {
        const socket = await connectTcp(server.port);
        if (cut) await writeBytewise(socket, header);
        else socket.write(header);
        const secure = await startTls(socket, { servername: 'plain.test' });
        secure.write('GET / HTTP/1.1\r\nHost: plain.test\r\nConnection: close\r\n\r\n');
        assert.match(await readToEnd(secure), /200 OK/);
      }
    }
    const expected = ['192.0.2.7 56324', '2001:db8::7 1', '192.0.2.8 2', '2001:db8::8 3'].map((peer) => `${peer} plain.test`);
    assert.deepEqual(
      peers,
      expected.flatMap((peer) => [peer, peer]),
    );
    assert.deepEqual(
      server.outcomes.map(({ result, remoteAddress }) => `${result} ${remoteAddress}`),
      peers.map((peer) => `ok ${peer.split(' ')[0]}`),
    );
  });

  it('keeps the socket as the peer where the proxy speaks for itself or does not know', async () => {
    const peers: (string | number)[] = [];
    await using server = await startListener({
      groups: hosts(),
      proxyProtocol: true,
      onRequest({ inbound: { connection }, sink }) {
        peers.push(connection.remoteAddress, connection.remotePort);
        sendText(sink, 'ok');
      },
    });
    const ports: (string | number | undefined)[] = [];
    for (const header of [Buffer.from('PROXY UNKNOWN 1.2.3.4 what ever\r\n'), binaryHeader(0x20, 0x11, tcp4('192.0.2.8', 2))]) {
      const socket = await connectTcp(server.port);
      ports.push('127.0.0.1', socket.localPort);
      socket.write(header);
      const secure = await startTls(socket);
      secure.write('GET / HTTP/1.1\r\nHost: plain.test\r\nConnection: close\r\n\r\n');
      await readToEnd(secure);
    }
    assert.deepEqual(peers, ports);
  });

  it('tells the peer of the PROXY header where the handshake behind it fails', async () => {
    await using server = await startListener({ groups: hosts(), proxyProtocol: true, limits: { helloMs: 60, handshakeMs: 60 } });
    const line = 'PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n';
    assert.match(await plainExchange(server.port, `${line}GET / HTTP/1.1\r\n\r\n`), /^HTTP\/1\.1 400[^]*https:\/\/\n$/);
    assert.equal(await plainExchange(server.port, `${line}\x16\x03\x01\x00\x00`), '');
    assert.equal(await plainExchange(server.port, `${line}\x16\x03`), '');
    assert.match(await plainExchange(server.port, `${line}${minimalHello}`), /^[^]/);
    assert.match(await plainExchange(server.port, `${line}${line}`), /^HTTP\/1\.1 400/);
    assert.deepEqual(
      server.outcomes.map(({ result, reason, remoteAddress }) => [result, reason, remoteAddress]),
      [
        ['malformed', 'HTTP in the clear'],
        ['malformed', 'the record has 0 bytes'],
        ['timeout', 'no complete ClientHello in time'],
        ['timeout', 'the handshake was not done in time'],
        ['malformed', 'HTTP in the clear'],
      ].map((outcome) => [...outcome, '192.0.2.7']),
    );
  });

  it('closes without a PROXY header where one is required, and on one where none is', async () => {
    await using required = await startListener({ groups: hosts(), proxyProtocol: true, limits: { helloMs: 60 } });
    await assert.rejects(connectTls(required.port));
    assert.equal(await plainExchange(required.port, 'GET / HTTP/1.1\r\n\r\n'), '');
    assert.equal(await plainExchange(required.port, 'PROXY TCP4 192.0.2.7'), '');
    assert.equal(await plainExchange(required.port, ''), '');
    assert.deepEqual(required.outcomes.map(summary), [
      ['malformed', 'the connection does not begin with a PROXY header', undefined, undefined],
      ['malformed', 'the connection does not begin with a PROXY header', undefined, undefined],
      ['timeout', 'no complete PROXY header in time', undefined, undefined],
      ['timeout', 'no complete PROXY header in time', undefined, undefined],
    ]);
    await using without = await startListener({ groups: hosts() });
    assert.match(await plainExchange(without.port, 'PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n'), /^HTTP\/1\.1 400/);
    assert.equal(await plainExchange(without.port, binaryHeader(0x20, 0, Buffer.alloc(0)).toString('latin1')), '');
    assert.deepEqual(without.outcomes.map(summary), [
      ['malformed', 'HTTP in the clear', undefined, undefined],
      ['malformed', 'the first bytes are no TLS handshake', undefined, undefined],
    ]);
  });

  it('bounds a PROXY header and the ClientHello behind it together', async () => {
    await using server = await startListener({ groups: hosts(), proxyProtocol: true, limits: { helloMs: 120 } });
    const socket = await connectTcp(server.port);
    const startedAt = performance.now();
    const trickling = setInterval(() => socket.writable && socket.write('x'), 20);
    socket.write('PROXY UNKNOWN ');
    assert.equal(await readToEnd(socket), '');
    clearInterval(trickling);
    assert.ok(performance.now() - startedAt < 2_000);
    assert.deepEqual(server.outcomes.map(summary), [['timeout', 'no complete PROXY header in time', undefined, undefined]]);
  });

  it('survives a client that goes away at any moment, and errors thrown by its handlers', async () => {
    await using server = await startListener({
      groups: hosts(),
      onHandshake() {
        throw new Error('handler');
      },
    });
    const gone = connectPlain({ host: '127.0.0.1', port: server.port });
    gone.on('error', () => {});
    gone.write('\x16', 'latin1', () => gone.resetAndDestroy());
    assert.match(await exchangeRaw(server.port, 'GET / HTTP/1.1\r\nHost: plain.test\r\nConnection: close\r\n\r\n'), /200 OK/);
    assert.ok(server.faults.length >= 1);
  });
});

/** What `openssl s_client` prints, its input closed after one request. */
function openssl(port: number, ...args: readonly string[]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const child = execFile('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...args], (_, stdout, stderr) =>
    resolve(stdout + stderr),
  );
  child.stdin?.write('GET / HTTP/1.1\r\nHost: plain.test\r\nConnection: close\r\n\r\n');
  return promise;
}

function summary({ result, reason, sniRaw, connection }: HandshakeOutcome): (string | undefined)[] {
  const certificate = connection?.certificate;
  return [result, reason, sniRaw, certificate?.kind === 'presented' ? certificate.leaf.subject : undefined];
}

/** Passes bytes on to a port; the first segment of the client, its ClientHello, is changed and sent byte by byte. */
async function passBytewise(port: number, mangle: (hello: Buffer) => Buffer): Promise<{ port: number } & Disposable> {
  const proxy = createPlainServer((client) => {
    const wire = connectPlain({ host: '127.0.0.1', port, noDelay: true });
    client.once('data', (hello: Buffer) => {
      for (const byte of mangle(hello)) wire.write(Buffer.from([byte]));
      client.pipe(wire).pipe(client);
    });
    wire.on('error', () => client.destroy());
    client.on('error', () => wire.destroy());
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('Cannot listen');
  return { port: address.port, [Symbol.dispose]: () => void proxy.close() };
}

function oneByteRecords(hello: Buffer): Buffer {
  return Buffer.concat([...hello.subarray(5)].map((byte) => Buffer.from([0x16, 3, 1, 0, 1, byte])));
}

function plainExchange(port: number, bytes: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connectPlain({ host: '127.0.0.1', port });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  socket.on('error', () => {});
  socket.on('close', () => resolve(text));
  socket.write(bytes, 'latin1');
  return promise;
}

/** TLS 1.2 with one suite that needs an ECDSA certificate; OpenSSL answers and then waits for the client's key share. */
const minimalHello = ((): string => {
  const extensions = '\x00\x0a\x00\x04\x00\x02\x00\x17\x00\x0d\x00\x04\x00\x02\x04\x03';
  const body = `\x03\x03${'r'.repeat(32)}\x00\x00\x02\xc0\x2b\x01\x00\x00${String.fromCharCode(extensions.length)}${extensions}`;
  return `\x16\x03\x01\x00${String.fromCharCode(body.length + 4)}\x01\x00\x00${String.fromCharCode(body.length)}${body}`;
})();
