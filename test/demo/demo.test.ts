import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Agent, WebSocket } from 'undici';
import { originOf } from '../../demo/demo-hosts.ts';
import type { Demo } from '../../demo/start-demo.ts';
import { startDemo } from '../../demo/start-demo.ts';
import { freePorts } from '../free-ports.ts';
import type { Answer, Visitor } from './visitor.ts';
import { createVisitor } from './visitor.ts';

let directory = '';
let port = 0;
let demo: Demo;

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'postern-demo-'));
  port = await freePorts(4);
  demo = await startDemo({ directory, port, now: () => Date.now() });
});

after(async () => {
  await demo.stop();
  rmSync(directory, { recursive: true });
});

function file(name: string): string {
  return readFileSync(join(directory, name), 'utf8');
}

function visitor(person?: string): Visitor {
  const identity = person === undefined ? {} : { identity: { cert: file(`people/${person}.pem`), key: file(`people/${person}.key`) } };
  return createVisitor({ ca: file('ca.pem'), ...identity });
}

async function signIn(browser: Visitor, url: string, person: string): Promise<Answer> {
  const page = await browser.follow(await browser.get(url));
  assert.match(page.body, /Sign in to the demo as/);
  return browser.follow(await browser.post(page.url, { person }));
}

/** Not every system resolves names under localhost. */
const lookup: LookupFunction = (_hostname, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]);

async function echoed(message: string): Promise<unknown> {
  const dispatcher = new Agent({ connect: { ca: file('ca.pem'), lookup } });
  const socket = new WebSocket(originOf('socket', port).replace('https:', 'wss:'), { dispatcher });
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  socket.addEventListener('open', () => socket.send(message));
  socket.addEventListener('message', ({ data }) => resolve(data));
  socket.addEventListener('error', ({ error }) => reject(error));
  try {
    return await promise;
  } finally {
    socket.close();
    await dispatcher.close();
  }
}

describe('the demo', () => {
  it('shows everybody what an application receives, without what a stranger claims to be', async () => {
    const answer = await visitor().get(`${originOf('public', port)}/a?b=c`, { 'x-pomerium-claim-email': 'mallory@example.com' });
    const { method, target, headers } = JSON.parse(answer.body) as { method: string; target: string; headers: Record<string, string> };
    assert.deepEqual([answer.status, method, target], [200, 'GET', '/a?b=c']);
    assert.doesNotMatch(JSON.stringify(headers), /mallory/);
  });

  it('signs Alice in and shows the checked assertion at the very page she asked for', async () => {
    const answer = await signIn(visitor(), `${originOf('signed-in', port)}/page?x=1`, 'alice');
    assert.deepEqual([answer.status, answer.url.href], [200, `${originOf('signed-in', port)}/page?x=1`]);
    assert.match(answer.body, /Alice &lt;alice@example\.com&gt;<\/strong> is signed in/);
    assert.match(answer.body, /The assertion’s signature, issuer, audience and times were checked/);
    assert.match(answer.body, /x-pomerium-claim-groups<\/th><td>admins,staff/);
  });

  it('lets Alice to the admins and Bob not', async () => {
    const alice = await signIn(visitor(), `${originOf('admins', port)}/`, 'alice');
    const bob = await signIn(visitor(), `${originOf('admins', port)}/`, 'bob');
    assert.deepEqual([alice.status, bob.status], [200, 403]);
  });

  it('asks for a certificate where it should, and for both', async () => {
    const url = `${originOf('certificate', port)}/`;
    assert.deepEqual([(await visitor().get(url)).status, (await visitor('carol').get(url)).status], [495, 200]);
    const both = await signIn(visitor('alice'), `${originOf('both', port)}/`, 'alice');
    assert.deepEqual([both.status, (await visitor().get(`${originOf('both', port)}/`)).status], [200, 495]);
  });

  it('signs out here and at the provider', async () => {
    const browser = visitor();
    await signIn(browser, `${originOf('signed-in', port)}/`, 'bob');
    const question = await browser.follow(await browser.get(`${originOf('signed-in', port)}/.pomerium/sign_out`));
    assert.match(question.body, /Sign out at the provider, too\?/);
    const [, action = ''] = /action="([^"]+)"/.exec(question.body) ?? [];
    const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(question.body) ?? [];
    const done = await browser.follow(await browser.post(new URL(action, question.url), { xsrf, logout: 'yes' }));
    assert.deepEqual([done.status, done.url.hostname], [200, 'auth.postern.localhost']);
    assert.equal((await browser.get(`${originOf('signed-in', port)}/`)).status, 302);
  });

  it('answers on the WebSocket what it is sent', async () => {
    const page = await visitor().get(`${originOf('socket', port)}/`, { accept: 'text/html' });
    assert.match(page.body, /new WebSocket/);
    assert.equal(await echoed('Hello'), 'Hello');
  });

  it('answers metrics and health checks', async () => {
    const [metrics, health] = await Promise.all([fetch(demo.metricsUrl), fetch(demo.healthUrl)]);
    assert.match(await metrics.text(), /^postern_requests_total\{/m);
    assert.equal(health.status, 200);
  });
});
