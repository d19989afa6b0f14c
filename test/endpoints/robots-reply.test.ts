import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { robotsReply } from '../../src/endpoints/robots-reply.ts';

describe('robotsReply()', () => {
  it('asks every crawler to stay away', () => {
    assert.deepEqual(robotsReply(), {
      status: 200,
      headers: ['Content-Type', 'text/plain; charset=utf-8', 'X-Content-Type-Options', 'nosniff', 'Cache-Control', 'no-store'],
      body: 'User-agent: *\nDisallow: /\n',
    });
  });
});
