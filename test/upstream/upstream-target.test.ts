import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { upstreamTarget } from '../../src/upstream/upstream-target.ts';
import { inboundOf } from './example-request.ts';

describe('upstreamTarget()', () => {
  it('puts the path of `to` in front, or in place of the route’s prefix', () => {
    const cases: readonly (readonly [basePath: string, prefix: string | undefined, target: string, sent: string])[] = [
      ['', undefined, '/a?b=/c?d', '/a?b=/c?d'],
      ['', '/a', '/a/b', '/a/b'],
      ['/base', undefined, '/a?b', '/base/a?b'],
      ['/base', undefined, '/', '/base/'],
      ['/base', '/a', '/a/b', '/base/b'],
      ['/base', '/a/', '/a/b', '/base/b'],
      ['/base', '/a', '/a?x', '/base?x'],
      ['/base', '/', '/a', '/base/a'],
      ['/base', '/app', '/app../x', '/base../x'],
      ['/base', '/app', '/apple', '/basele'],
      ['/base', '/app', '/app./x', '/base./x'],
    ];
    assert.deepEqual(
      cases.map(([basePath, matchedPrefix, target]) => upstreamTarget({ matchedPrefix }, { basePath }, inboundOf({ target }))),
      cases.map(([, , , sent]) => sent),
    );
  });
});
