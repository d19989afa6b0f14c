import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explainRoutes } from '../../src/route/explain-routes.ts';
import { authority, canonicalPath, entry, table } from './example-table.ts';

const routes = table([
  entry('other.example'),
  entry('*.example'),
  entry('a.example:8443'),
  entry('a.example', { path: '/y' }),
  entry('a.example', { prefix: '/x' }),
  entry('a.example', { regex: '/x/[a-z]+' }),
  entry('a.example', { regex: '/[0-9]+' }),
]);

function outcomes(host: string, path: string): readonly string[] {
  return explainRoutes(routes, authority(host), canonicalPath(path)).map(({ outcome }) => outcome);
}

describe('explainRoutes()', () => {
  it('tells of every route in reading order why it lost', () => {
    assert.deepEqual(outcomes('a.example', '/x/y'), ['host', 'hidden', 'port', 'path', 'matched', 'later', 'path']);
  });

  it('tells that routes without a port lose to one that names it', () => {
    assert.deepEqual(outcomes('a.example:8443', '/x/y'), ['host', 'hidden', 'matched', 'port', 'port', 'port', 'port']);
  });

  it('tells of a route for another port that it is one, and hides no wildcard because of it', () => {
    const ported = table([entry('b.example:8443'), entry('*.example'), entry('*.example:8443')]);
    const of = (host: string) => explainRoutes(ported, authority(host), canonicalPath('/')).map(({ outcome }) => outcome);
    assert.deepEqual(['b.example', 'b.example:8443', 'b.example:9443', 'c.example:8443'].map(of), [
      ['port', 'matched', 'port'],
      ['matched', 'hidden', 'hidden'],
      ['port', 'matched', 'port'],
      ['host', 'port', 'matched'],
    ]);
  });

  it('does not hide wildcards from hosts that no route names', () => {
    assert.deepEqual(outcomes('b.example', '/'), ['host', 'matched', 'host', 'host', 'host', 'host', 'host']);
  });
});
