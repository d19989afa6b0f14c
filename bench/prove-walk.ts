import assert from 'node:assert/strict';
import { ask } from '../test/walk/house.ts';
import type { BenchFiles } from './bench-files.ts';
import { appHost } from './bench-files.ts';
import type { Candidate } from './candidates/candidate.ts';
import type { PosternCandidate } from './candidates/postern.ts';
import { answerBytes, seenPath } from './upstream-contract.ts';

/** Fails unless the candidate gives the answer that is measured. */
export async function proveAnswer({ name, port }: Candidate, { pki }: BenchFiles, cookie: string): Promise<void> {
  const { status, body } = await ask({ port, pki }, `https://${appHost}/`, { headers: { cookie } });
  assert.deepEqual([status, body.length], [200, answerBytes], `${name} gives another answer than the upstream`);
}

/** Fails unless Postern gives that answer only to somebody signed in, and with an assertion. */
export async function proveWalk(postern: PosternCandidate, files: BenchFiles): Promise<void> {
  const { cookie, port } = postern;
  await proveAnswer(postern, files, cookie);
  const house = { port, pki: files.pki };
  const told = await ask(house, `https://${appHost}${seenPath}`, { headers: { cookie } });
  assert.match(told.body, /^[\w-]+\.[\w-]+\.[\w-]+$/, 'no assertion reached the upstream');
  const stranger = await ask(house, `https://${appHost}/`);
  assert.equal(stranger.status, 302, 'a stranger was not sent to sign in');
}
