import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Loan } from '../../../src/upstream/transports/read-buffer.ts';
import { ReadBuffer } from '../../../src/upstream/transports/read-buffer.ts';
import { slabBytes } from '../../../src/upstream/transports/read-slabs.ts';

const little = 1_000;
const much = 64 * 1024;

describe('ReadBuffer', () => {
  it('reads what is little to where everybody reads, and hands out copies', () => {
    const [mine, theirs] = [new Reading(), new Reading()];
    mine.read('a', little);
    const taken = mine.buffer.take(0, little);
    theirs.read('b', little);
    assert.equal(mine.buffer.bytes, theirs.buffer.bytes);
    assert.equal(mine.buffer.lend(0, little), undefined);
    assert.equal(taken.toString(), 'a'.repeat(little));
  });

  it('gives buffers away where nobody takes loans', () => {
    const reading = new Reading(false);
    reading.read('a', much);
    reading.read('b', much);
    assert.equal(reading.buffer.lend(0, much), undefined);
    const taken = reading.buffer.take(0, much);
    const another = reading.read('c', much);
    assert.notEqual(another.buffer, taken.buffer);
    assert.equal(taken.toString(), 'b'.repeat(much));
  });

  it('lends what is much, and reads to the same place once that is back', () => {
    const reading = new Reading();
    const first = reading.lent('a');
    assert.equal(first.bytes.toString(), 'a'.repeat(much));
    assert.equal(reading.buffer.isLent, true);
    assert.equal(reading.backs, 0);
    first.giveBack();
    assert.deepEqual([reading.buffer.isLent, reading.backs], [false, 1]);
    const place = reading.read('b', much);
    assert.equal(place.length, slabBytes);
    assert.equal(first.bytes.buffer, place.buffer);
    reading.buffer.release();
  });

  it('copies out what stands beside bytes that are lent already, and what is little', () => {
    const reading = new Reading();
    const loan = reading.lent('a');
    assert.equal(reading.buffer.lend(0, much), undefined);
    const copy = reading.buffer.take(0, much);
    assert.notEqual(copy.buffer, loan.bytes.buffer);
    loan.giveBack();
    reading.read('b', much);
    assert.equal(reading.buffer.lend(0, little), undefined);
    reading.buffer.release();
  });

  it('hears of the end of a loan once, however often it is told', () => {
    const reading = new Reading();
    const first = reading.lent('a');
    first.giveBack();
    reading.read('b', much);
    const second = reading.buffer.lend(0, much);
    first.giveBack();
    assert.deepEqual([reading.buffer.isLent, reading.backs], [true, 1]);
    second?.giveBack();
    reading.buffer.release();
  });

  it('leaves a slab that is lent to nobody else before it is given back, also when its answer is over', () => {
    const reading = new Reading();
    const loan = reading.lent('a');
    reading.buffer.release();
    const others = Array.from({ length: 8 }, () => new Reading());
    for (const other of others) {
      other.read('b', much);
      assert.notEqual(other.read('c', much).buffer, loan.bytes.buffer);
    }
    assert.equal(reading.buffer.isLent, false);
    assert.equal(loan.bytes.toString(), 'a'.repeat(much));
    loan.giveBack();
    assert.equal(reading.backs, 0);
    const next = new Reading();
    next.read('d', much);
    assert.equal(next.read('e', much).buffer, loan.bytes.buffer);
    for (const each of [...others, next]) each.buffer.release();
  });

  it('lets go of its slab while little comes', () => {
    const reading = new Reading();
    const slab = reading.lent('a');
    slab.giveBack();
    reading.read('b', little);
    assert.notEqual(reading.read('c', little).buffer, slab.bytes.buffer);
    const other = new Reading();
    assert.equal(other.lent('d').bytes.buffer, slab.bytes.buffer);
    other.buffer.release();
  });

  it('fills buffers of its own when all slabs are in use', () => {
    const loans = Array.from({ length: 40 }, () => new Reading()).map((reading, index) => {
      reading.read(letterOf(index), much);
      reading.read(letterOf(index), much);
      const loan = reading.buffer.lend(0, much);
      return { reading, loan, bytes: loan?.bytes ?? reading.buffer.take(0, much) };
    });
    assert.ok(loans.some(({ loan }) => loan === undefined));
    assert.deepEqual(
      loans.map(({ bytes }) => bytes.toString()),
      loans.map((_, index) => letterOf(index).repeat(much)),
    );
    for (const { reading, loan } of loans) {
      loan?.giveBack();
      reading.buffer.release();
    }
  });
});

/** A connection, as far as its buffer is concerned. */
class Reading {
  backs = 0;
  readonly buffer = new ReadBuffer(() => void (this.backs += 1));
  readonly #takesLoans: boolean;

  constructor(takesLoans = true) {
    this.#takesLoans = takesLoans;
  }

  /** Where the kernel puts so many bytes. */
  read(letter: string, length: number): Buffer {
    const place = this.buffer.next(this.#takesLoans);
    place.fill(letter, 0, length);
    this.buffer.filled(length);
    return place;
  }

  lent(letter: string): Loan {
    // The first that is much shows that more will come.
    this.read(letter, much);
    this.read(letter, much);
    const loan = this.buffer.lend(0, much);
    assert.ok(loan);
    return loan;
  }
}

function letterOf(index: number): string {
  return String.fromCharCode(64 + index);
}
