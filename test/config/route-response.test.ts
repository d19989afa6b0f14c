import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { routeOf, toldOf } from './given-route.ts';

describe('readResponse()', () => {
  it('reads status and body', () => {
    assert.deepEqual(
      [routeOf({ response: { status: 503, body: 'closed' } }).action, routeOf({ response: { status: 204 } }).action],
      [
        { kind: 'respond', status: 503, body: 'closed' },
        { kind: 'respond', status: 204, body: '' },
      ],
    );
  });

  it('refuses a body behind a status that has none', () => {
    assert.deepEqual(
      [200, 204, 205, 304, 404].filter((status) => toldOf({ response: { status, body: 'x' } }).length > 0),
      [204, 205, 304],
    );
  });

  it('refuses what is no status of a whole answer', () => {
    assert.deepEqual(
      [99, 100, 101, 103, 199, 200.5, 600, -200].filter((status) => toldOf({ response: { status } }).length !== 1),
      [],
    );
  });
});
