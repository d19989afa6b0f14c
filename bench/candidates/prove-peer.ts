import assert from 'node:assert/strict';
import type { ClientHttp2Stream } from 'node:http2';
import { connect } from 'node:http2';
import { ask } from '../../test/walk/house.ts';
import type { BenchFiles } from '../bench-files.ts';
import { appHost } from '../bench-files.ts';
import { proveAnswer } from '../prove-walk.ts';
import { answerBytes } from '../upstream-contract.ts';
import { awaitAnswer } from './await-answer.ts';
import type { Candidate } from './candidate.ts';

const patienceMs = 5_000;

/** Fails unless the candidate gives the answer that is measured over every protocol it takes part with, and no stranger gets it. */
export async function provePeer(candidate: Candidate, files: BenchFiles): Promise<void> {
  const { name, port, cookie = '', scenarios } = candidate;
  await awaitAnswer(name, port, files);
  await proveAnswer(candidate, files, cookie);
  if (scenarios === undefined || scenarios.includes('http2')) {
    const answer = await askOverHttp2(port, files, cookie);
    assert.deepEqual(answer, { status: 200, length: answerBytes }, `${name} gives another answer over HTTP/2 than the upstream`);
  }
  if (cookie === '') return;
  const stranger = await ask({ port, pki: files.pki }, `https://${appHost}/`);
  assert.notEqual(stranger.status, 200, `${name} lets a stranger in`);
}

interface Http2Answer {
  readonly status: number | undefined;
  readonly length: number;
}

async function askOverHttp2(port: number, { pki }: BenchFiles, cookie: string): Promise<Http2Answer> {
  const session = connect(`https://${appHost}:${port}`, {
    host: '127.0.0.1',
    servername: appHost,
    ca: pki.serverCa.certificatePem,
    timeout: patienceMs,
  });
  const { promise: failed, reject } = Promise.withResolvers<never>();
  session.once('error', reject);
  session.once('timeout', () => reject(new Error('no answer over HTTP/2')));
  try {
    return await Promise.race([answerTo(session.request({ ':path': '/', cookie })), failed]);
  } finally {
    session.destroy();
  }
}

async function answerTo(stream: ClientHttp2Stream): Promise<Http2Answer> {
  let status: number | undefined;
  stream.once('response', (headers) => {
    status = headers[':status'];
  });
  let length = 0;
  for await (const chunk of stream) length += (chunk as Buffer).length;
  return { status, length };
}
