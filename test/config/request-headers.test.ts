import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { routeOf, toldOf } from './given-route.ts';

describe('readRequestHeaders()', () => {
  it('keeps values as they are written, tokens included', () => {
    const set = { A: '${pomerium.request.headers["X-Name"]}', B: '$pomerium.jwt', C: '$$', D: '${', E: '' };
    assert.deepEqual(routeOf({ set_request_headers: set }).setRequestHeaders, Object.entries(set));
  });

  it('says that a removal counts before a value', () => {
    const route = { set_request_headers: { 'X-Team': 'hunter2', X_Team2: 'red' }, remove_request_headers: ['x-team', 'X-Team2'] };
    assert.deepEqual(toldOf(route), ['no-effect routes[0].set_request_headers.X-Team has no effect beside remove_request_headers']);
  });

  it('refuses headers that are not the operator’s, set or removed', () => {
    const names = ['Host', 'Connection', 'Content_Length', 'X-Pomerium-Claim-Email', 'TE', 'a b', ''];
    assert.deepEqual(
      names.filter((name) => {
        return toldOf({ set_request_headers: { [name]: 'x' } }).length !== 1 || toldOf({ remove_request_headers: [name] }).length !== 1;
      }),
      [],
    );
  });

  it('never shows a value', () => {
    const values = ['hunter2\n', ' hunter2', 'hunter2\u2028'];
    assert.deepEqual(
      values.map((value) => toldOf({ set_request_headers: { 'X-Token': value } }).map((line) => line.includes('hunter2'))),
      [[false], [false], [false]],
    );
  });
});
