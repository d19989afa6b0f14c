import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LaneWire } from '../../src/listener/lane-sink.ts';
import { LaneSink } from '../../src/listener/lane-sink.ts';

// What both sinks have in common is in http1-sink.test.ts, over real sockets.
describe('LaneSink', () => {
  it('writes a head of a known length and the whole body in one piece', () => {
    const wire = new FakeWire();
    const sink = new LaneSink(wire, 'GET');
    sink.onClose((complete) => wire.events.push(`closed ${complete}`));
    sink.head(200, ['Content-Length', '3']);
    sink.write(Buffer.from('abc'));
    sink.end();
    wire.flush(sink);
    assert.deepEqual(wire.events, ['HTTP/1.1 200 OK\r\nContent-Length: 3\r\n(last)\r\nabc', 'waits', 'moved', 'closed true', 'over']);
  });

  it('does not copy what is large, and holds the head until it is there', () => {
    const wire = new FakeWire();
    const sink = new LaneSink(wire, 'GET');
    sink.head(200, ['Content-Length', '20000']);
    sink.write(Buffer.alloc(20_000, 'x'));
    assert.deepEqual(wire.events, ['held', 'HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n(last)\r\n', 'x'.repeat(20_000)]);
  });

  it('sends a head at the end of its tick, and never takes an empty chunk for the last one', async () => {
    const wire = new FakeWire();
    const sink = new LaneSink(wire, 'GET');
    sink.head(200, ['Date', 'today']);
    sink.write(Buffer.alloc(0));
    assert.deepEqual(wire.events, []);
    await new Promise((resolve) => process.nextTick(resolve));
    sink.write(Buffer.alloc(0));
    sink.write(Buffer.from('abc'));
    sink.end(['X-Sum', '1', 'Content-Length', '3', 'bad name', 'x', 'X-Bad', 'a\r\nb']);
    assert.deepEqual(wire.events, [
      'HTTP/1.1 200 OK\r\nDate: today\r\n(last, dated)Transfer-Encoding: chunked\r\n\r\n',
      'held',
      '3\r\n',
      'abc',
      '\r\n',
      'waits',
      '0\r\nX-Sum: 1\r\nContent-Length: 3\r\n\r\n',
    ]);
  });

  it('is over when everything was written before its end was told', async () => {
    const wire = new FakeWire();
    const sink = new LaneSink(wire, 'GET');
    sink.head(200, ['Content-Length', '3']);
    sink.write(Buffer.from('abc'));
    wire.flush(sink);
    sink.end();
    assert.equal(wire.events.includes('over'), false);
    await new Promise((resolve) => process.nextTick(resolve));
    assert.equal(wire.events.at(-1), 'over');
  });

  it('writes nothing without a head, beyond its length, or to nobody', () => {
    const headless = new FakeWire();
    new LaneSink(headless, 'GET').write(Buffer.from('HTTP/1.1 200 OK'));
    assert.deepEqual(headless.events, ['destroyed']);
    const long = new FakeWire();
    const sink = new LaneSink(long, 'GET');
    sink.head(200, ['Content-Length', '2']);
    sink.write(Buffer.from('abc'));
    sink.end();
    assert.deepEqual(long.events, ['destroyed']);
    const gone = new FakeWire();
    gone.isGone = true;
    const late = new LaneSink(gone, 'GET');
    late.informational(103, []);
    late.send({ status: 200, headers: [], body: 'abc' });
    late.disconnected();
    assert.deepEqual(gone.events, ['destroyed', 'moved', 'over']);
  });

  it('gives back what it was lent when it was written, and waits for the client until then', () => {
    const wire = new FakeWire();
    const sink = new LaneSink(wire, 'GET');
    const back = (what: string) => () => void wire.events.push(`${what} is back`);
    sink.head(200, ['Content-Length', '20004']);
    sink.write(Buffer.from('ab'), back('first'));
    sink.write(Buffer.alloc(20_000, 'x'), back('second'));
    wire.written();
    sink.write(Buffer.from('cd'), back('third'));
    sink.end();
    wire.written();
    wire.flush(sink);
    assert.deepEqual(wire.events, [
      'HTTP/1.1 200 OK\r\nContent-Length: 20004\r\n(last)\r\nab',
      'waits',
      'x'.repeat(20_000),
      'waits',
      'moved',
      'first is back',
      'moved',
      'second is back',
      'cd',
      'waits',
      'waits',
      // Its end waits for the client as well: who took what was lent has not taken everything.
      'third is back',
      'moved',
      'over',
    ]);
  });

  it('lets no field through that would be two, or the end of the head', () => {
    for (const field of ['X: y\r\nZ', 'X Y', '', 'X:']) {
      const wire = new FakeWire();
      assert.throws(() => new LaneSink(wire, 'GET').head(200, [field, 'y']), { code: 'upstream-broken' });
      assert.deepEqual(wire.events, []);
    }
    for (const value of ['a\r\nb: c', 'a\nb', 'a\rb', 'a\0b', 'caf\u0142']) {
      const wire = new FakeWire();
      const sink = new LaneSink(wire, 'GET');
      sink.informational(103, ['Link', value]);
      assert.throws(() => sink.head(200, ['X', value]), { code: 'upstream-broken' });
      assert.deepEqual(wire.events, []);
    }
  });
});

class FakeWire implements LaneWire {
  readonly events: string[] = [];
  isGone = false;
  isFlushed = true;
  readonly #unwritten: (() => void)[] = [];
  readonly stalls: LaneWire['stalls'] = {
    waiting: () => void this.events.push('waits'),
    moved: () => void this.events.push('moved'),
    [Symbol.dispose]: () => undefined,
  };

  write(data: string | Uint8Array, onWritten?: () => void): boolean {
    this.isFlushed = false;
    if (onWritten !== undefined) this.#unwritten.push(onWritten);
    this.events.push(typeof data === 'string' ? data : Buffer.from(data).toString('latin1'));
    return true;
  }

  /** Everything so far. */
  written(): void {
    for (const tell of this.#unwritten.splice(0)) tell();
  }

  flush(sink: LaneSink): void {
    this.isFlushed = true;
    sink.flushed();
  }

  hold(): void {
    this.events.push('held');
  }

  lastFields(closes: boolean, hasDate: boolean): string {
    return `(last${closes ? ', closes' : ''}${hasDate ? ', dated' : ''})`;
  }

  destroy(): void {
    this.events.push('destroyed');
  }

  over(): void {
    this.events.push('over');
  }
}
