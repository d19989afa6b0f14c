import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Exchange, ReplySink } from '../../src/http/exchange.ts';
import { connectTls, exchangeRaw, readToEnd, readUntil } from './raw-client.ts';
import type { TestListener, TestPki } from './start-listener.ts';
import { makeGroups, makePki, startListener } from './start-listener.ts';

// A length, even of nothing, is a matter for Node's parser.
for (const [name, head] of [
  ['Http1Sink', 'Host: plain.test\r\nContent-Length: 0\r\n'],
  ['LaneSink', 'Host: plain.test\r\n'],
] as const) {
  describe(name, () => answersOf(head));
}

/** What holds for either sink, whichever of them answers a request with this head. */
function answersOf(head: string): void {
  const last = `${head}Connection: close\r\n\r\n`;
  let pki: TestPki;
  before(async () => {
    pki = await makePki();
  });

  function answering(answer: (sink: ReplySink, exchange: Exchange) => void, limits = {}): Promise<TestListener> {
    return startListener({
      groups: makeGroups(pki, [['plain.test', 'none']]),
      limits: { checkEveryMs: 10, ...limits },
      onRequest: (exchange) => answer(exchange.sink, exchange),
    });
  }

  async function askAndReadNothing({ port }: TestListener): ReturnType<typeof connectTls> {
    const socket = await connectTls(port);
    socket.on('error', () => {});
    socket.pause();
    socket.write(`GET / HTTP/1.1\r\n${last}`);
    return socket;
  }

  it('sends a reply with its length, and leaves the body out for HEAD, 204 and 304', async () => {
    await using server = await answering((sink, { inbound }) =>
      sink.send({ status: Number(inbound.path.slice(1)), headers: ['Content-Type', 'text/plain', 'Date', 'today'], body: 'zażółć' }),
    );
    const tail = 'Content-Type: text/plain\r\nDate: today\r\n';
    assert.equal(
      Buffer.from(await exchangeRaw(server.port, `GET /200 HTTP/1.1\r\n${last}`), 'latin1').toString(),
      `HTTP/1.1 200 OK\r\n${tail}Content-Length: 10\r\nConnection: close\r\n\r\nzażółć`,
    );
    assert.equal(
      await exchangeRaw(server.port, `HEAD /200 HTTP/1.1\r\n${last}`),
      `HTTP/1.1 200 OK\r\n${tail}Content-Length: 10\r\nConnection: close\r\n\r\n`,
    );
    assert.equal(
      await exchangeRaw(server.port, `GET /204 HTTP/1.1\r\n${last}`),
      `HTTP/1.1 204 No Content\r\n${tail}Connection: close\r\n\r\n`,
    );
    assert.equal(
      await exchangeRaw(server.port, `GET /304 HTTP/1.1\r\n${last}`),
      `HTTP/1.1 304 Not Modified\r\n${tail}Connection: close\r\n\r\n`,
    );
  });

  it('keeps the order and the repetition of fields, and drops those of the other connection', async () => {
    await using server = await answering((sink) => {
      sink.head(200, [
        'Set-Cookie',
        'a=1',
        'X-A',
        '1',
        'set-cookie',
        'b=2',
        'Connection',
        'x-a',
        'Keep-Alive',
        '1',
        'Transfer-Encoding',
        'chunked',
        'Date',
        'd',
      ]);
      sink.write(Buffer.from('abc'));
      sink.end(['X-Sum', '1', 'Transfer-Encoding', 'gzip', 'bad name', '1']);
    });
    assert.equal(
      await exchangeRaw(server.port, `GET / HTTP/1.1\r\n${last}`),
      'HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX-A: 1\r\nset-cookie: b=2\r\nDate: d\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n',
    );
  });

  it('says Connection: close with 421, and keeps the connection otherwise', async () => {
    await using server = await answering((sink, { inbound }) =>
      sink.send({ status: Number(inbound.path.slice(1)), headers: [], body: 'x' }),
    );
    assert.match(
      await exchangeRaw(server.port, `GET /421 HTTP/1.1\r\n${head}\r\n`),
      /^HTTP\/1\.1 421 Misdirected Request\r\n[^]*Connection: close\r\n/,
    );
    const socket = await connectTls(server.port);
    socket.write(`GET /495 HTTP/1.1\r\n${head}\r\n`);
    assert.match(await readUntil(socket, /x$/), /^HTTP\/1\.1 495 SSL Certificate Error\r\n[^]*Connection: keep-alive\r\n/);
    socket.destroy();
  });

  it('sends the head of a stream at once, though its body is still to come', async () => {
    const { promise, resolve } = Promise.withResolvers<ReplySink>();
    await using server = await answering((sink) => {
      sink.head(200, ['Content-Type', 'text/event-stream']);
      resolve(sink);
    });
    const socket = await connectTls(server.port);
    socket.write(`GET / HTTP/1.1\r\n${head}\r\n`);
    assert.match(await readUntil(socket, /\r\n\r\n$/), /^HTTP\/1\.1 200 OK/);
    const sink = await promise;
    sink.write(Buffer.from('data: 1\n\n'));
    assert.equal(await readUntil(socket, /data/), '9\r\ndata: 1\n\n\r\n');
    socket.destroy();
  });

  it('never makes a broken answer look whole', async () => {
    const answers: Readonly<Record<string, (sink: ReplySink) => void>> = {
      aborted: (sink) => {
        sink.head(200, []);
        sink.write(Buffer.from('abc'));
        setImmediate(() => sink.abort());
      },
      short: (sink) => {
        sink.head(200, ['Content-Length', '5']);
        sink.write(Buffer.from('abc'));
        sink.end();
      },
      'sent twice': (sink) => {
        sink.head(200, []);
        sink.write(Buffer.from('abc'));
        sink.send({ status: 502, headers: [], body: 'page' });
      },
      headless: (sink) => sink.end(),
    };
    for (const [name, answer] of Object.entries(answers)) {
      const completes: boolean[] = [];
      await using server = await answering((sink) => {
        sink.onClose((complete) => completes.push(complete));
        answer(sink);
      });
      const text = await exchangeRaw(server.port, `GET / HTTP/1.1\r\n${last}`);
      assert.doesNotMatch(text, /\r\n0\r\n|page/, name);
      assert.deepEqual(completes, [false], name);
    }
  });

  it('cuts an answer that is longer than announced before its surplus is sent', async () => {
    await using server = await answering((sink) => {
      sink.head(200, ['Content-Length', '3']);
      sink.write(Buffer.from('abc'));
      sink.write(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'));
      sink.end();
    });
    assert.doesNotMatch(await exchangeRaw(server.port, `GET / HTTP/1.1\r\n${last}`), /abc./s);
  });

  it('refuses answers that could be read in two ways, with nothing sent yet', async () => {
    const heads: readonly (readonly [number, readonly string[]])[] = [
      [200, ['Content-Length', '3', 'content-length', '4']],
      [200, ['Content-Length', '3, 3']],
      [200, ['X-A', 'a\r\nb']],
      [101, []],
      [999, []],
    ];
    const codes: unknown[] = [];
    for (const [status, headers] of heads) {
      await using server = await answering((sink) => {
        try {
          sink.head(status, headers);
        } catch (error) {
          codes.push((error as { code?: unknown }).code);
        }
        sink.send({ status: 502, headers: [], body: 'bad gateway' });
      });
      assert.match(await exchangeRaw(server.port, `GET / HTTP/1.1\r\n${last}`), /^HTTP\/1\.1 502 [^]*bad gateway$/);
    }
    assert.deepEqual(
      codes,
      heads.map(() => 'upstream-broken'),
    );
  });

  it('passes 1xx answers on, but not to HTTP/1.0 and not the two that are its own', async () => {
    await using server = await answering((sink) => {
      for (const status of [100, 101, 102, 103]) sink.informational(status, ['Link', '</a>', 'Connection', 'x']);
      sink.informational(103, ['bad name', '1']);
      sink.send({ status: 200, headers: ['Date', 'd'], body: '' });
    });
    const whole = 'HTTP/1.1 200 OK\r\nDate: d\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
    assert.equal(
      await exchangeRaw(server.port, `GET / HTTP/1.1\r\n${last}`),
      `HTTP/1.1 102 Processing\r\nLink: </a>\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${whole}`,
    );
    assert.equal(await exchangeRaw(server.port, `GET / HTTP/1.0\r\n${last}`), whole);
  });

  it('tells the writer to wait for a slow client, and when to go on', async () => {
    const drained = Promise.withResolvers<void>();
    await using server = await answering((sink) => {
      sink.head(200, []);
      sink.onDrain(() => {
        sink.end();
        drained.resolve();
      });
      while (sink.write(Buffer.alloc(100_000)));
    });
    const socket = await connectTls(server.port);
    socket.pause();
    socket.write(`GET / HTTP/1.1\r\n${last}`);
    const text = readToEnd(socket);
    socket.resume();
    await drained.promise;
    assert.ok((await text).endsWith('\r\n0\r\n\r\n'));
  });

  it('cuts a client that stops reading', async () => {
    const closed = Promise.withResolvers<boolean>();
    await using server = await answering(
      (sink) => {
        sink.onClose(closed.resolve);
        sink.head(200, []);
        while (sink.write(Buffer.alloc(1_000_000)));
      },
      { writeStallMs: 50 },
    );
    const socket = await askAndReadNothing(server);
    assert.equal(await closed.promise, false);
    socket.destroy();
  });

  for (const [framing, fields, read] of [
    ['of a known length', ['Content-Length', String(20 * 100_000)], (text: string) => text],
    ['in chunks', [], (text: string) => text.replaceAll(/(?:^|\r\n)186a0\r\n/g, '').replace(/\r\n0\r\n\r\n$/, '')],
  ] as const) {
    it(`gives back what it was lent when nothing refers to it any more: a body ${framing}`, async () => {
      const lent = Buffer.alloc(100_000);
      const letters = 'abcdefghijklmnopqrst';
      await using server = await answering((sink) => {
        assert.equal(sink.takesLoans, true);
        sink.onDrain(() => undefined);
        sink.head(200, fields);
        const lend = (index: number): void => {
          if (index === letters.length) return sink.end();
          lent.fill(letters[index] ?? '');
          sink.write(lent, () => lend(index + 1));
        };
        lend(0);
      });
      const socket = await connectTls(server.port);
      socket.on('data', () => {
        socket.pause();
        setImmediate(() => socket.resume());
      });
      socket.write(`GET / HTTP/1.1\r\n${last}`);
      const text = await readToEnd(socket);
      const body = read(text.slice(text.indexOf('\r\n\r\n') + 4));
      assert.ok(
        body ===
          letters
            .split('')
            .map((letter) => letter.repeat(100_000))
            .join(''),
        'the body is not what was written',
      );
    });
  }

  it('gives back what it was lent while the connection is ending, which Node would keep for good', async () => {
    const back = Promise.withResolvers<boolean>();
    await using server = await answering((sink) => {
      // By then the garbage behind the request was met.
      setImmediate(() => {
        sink.head(200, []);
        sink.write(Buffer.alloc(40_000), () => back.resolve(true));
      });
    });
    const socket = await connectTls(server.port);
    socket.on('error', () => {});
    socket.write(`GET / HTTP/1.1\r\n${head}\r\n\u0000garbage\r\n\r\n`);
    socket.resume();
    assert.equal(await back.promise, true);
    socket.destroy();
  });

  it('cuts a client that leaves what was lent unread, however little it is, and gives it back', async () => {
    const closed = Promise.withResolvers<boolean>();
    let isOver = false;
    const loans = { given: 0, back: 0 };
    await using server = await answering(
      (sink) => {
        sink.onClose((complete) => {
          isOver = true;
          closed.resolve(complete);
        });
        sink.head(200, []);
        const lend = (): void => {
          loans.given += 1;
          sink.write(Buffer.alloc(40_000), () => {
            loans.back += 1;
            if (!isOver) setImmediate(lend);
          });
        };
        lend();
      },
      { writeStallMs: 50 },
    );
    const socket = await askAndReadNothing(server);
    assert.equal(await closed.promise, false);
    while (loans.back < loans.given) await new Promise(setImmediate);
    assert.ok(loans.given > 1);
    socket.destroy();
  });

  it('gives back at once what it does not write: to HEAD, beyond the length, and behind the end', async () => {
    const backs: Record<string, number> = {};
    const over = Promise.withResolvers<void>();
    await using server = await answering((sink, { inbound }) => {
      const { method } = inbound;
      const count = (): void => void (backs[method] = (backs[method] ?? 0) + 1);
      if (method === 'DELETE') sink.onClose(() => over.resolve());
      sink.head(200, ['Content-Length', '3']);
      sink.write(Buffer.from('abcd'), count);
      assert.equal(backs[method], 1);
      sink.write(Buffer.from('abc'), count);
      assert.equal(backs[method], 2);
      sink.abort();
      sink.write(Buffer.from('abc'), count);
      assert.equal(backs[method], 3);
    });
    await exchangeRaw(server.port, `HEAD / HTTP/1.1\r\n${last}`);
    await exchangeRaw(server.port, `DELETE / HTTP/1.1\r\n${last}`);
    await over.promise;
    assert.deepEqual(backs, { HEAD: 3, DELETE: 3 });
  });

  it('tells once that the answer is over, what it was, and whether it was whole', async () => {
    const ends: unknown[] = [];
    await using server = await answering((sink) => {
      sink.onClose((complete) => ends.push([complete, sink.status, sink.bytesWritten]));
      sink.send({ status: 404, headers: [], body: 'abc' });
    });
    await exchangeRaw(server.port, `GET / HTTP/1.1\r\n${last}`);
    assert.deepEqual(ends, [[true, 404, 3]]);
  });
}
