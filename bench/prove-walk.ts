import assert from 'node:assert/strict';
import { ask } from '../test/walk/house.ts';
import type { BenchFiles } from './bench-files.ts';
import { appHost } from './bench-files.ts';
import type { Candidate } from './candidates/candidate.ts';
import type { PosternCandidate } from './candidates/postern.ts';
import { answerBytes, seenPath } from './upstream-contract.ts';

/** Fails unless every candidate gives the answer that is measured, and Postern only to somebody signed in, and with an assertion. */
export async function proveWalk(candidates: readonly Candidate[], postern: PosternCandidate, { pki }: BenchFiles): Promise<void> {
  const headers = { cookie: postern.cookie };
  for (const { name, port } of candidates) {
    const { status, body } = await ask({ port, pki }, `https://${appHost}/`, { headers });
    assert.deepEqual([status, body.length], [200, answerBytes], `${name} gives another answer than the upstream`);
  }
  const house = { port: postern.port, pki };
  const told = await ask(house, `https://${appHost}${seenPath}`, { headers });
  assert.match(told.body, /^[\w-]+\.[\w-]+\.[\w-]+$/, 'no assertion reached the upstream');
  const stranger = await ask(house, `https://${appHost}/`);
  assert.equal(stranger.status, 302, 'a stranger was not sent to sign in');
}
