import assert from 'node:assert/strict';
import { explainRequest } from '../../../src/cli/explain-request.ts';
import { parseTarget } from '../../../src/http/path.ts';
import { lookingServices } from '../../../src/looking-services.ts';
import { readConfiguration } from '../../../src/read-configuration.ts';
import type { Snapshot } from '../../../src/snapshot.ts';
import { buildSnapshot } from '../../../src/build-snapshot.ts';
import { spoofableNames } from '../../dangers/spoofed-names.ts';
import type { House, LogLine } from '../../walk/house.ts';
import { openHouse } from '../../walk/house.ts';
import { cutBytes, randomOf } from '../cut-bytes.ts';
import type { FuzzTarget, OpenTarget } from '../fuzz-target.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import { exchangePlainly } from '../plain-exchange.ts';
import { madeRequests, requestWords } from '../request-bytes.ts';
import type { StrictMessage } from '../strict-http.ts';
import { fieldOf, finalAnswers, readAnswers, readRequests } from '../strict-http.ts';
import type { StrictUpstream } from '../strict-upstream.ts';
import { openStrictUpstream } from '../strict-upstream.ts';

/**
 * Requests as bytes, through a whole Postern to an upstream: what arrives is what was judged, each request once, without a header that
 * only Postern may write; a reader by the letter of the RFC sees the same requests, and `explain` says the same of them.
 */
export const request: FuzzTarget = {
  name: 'request',
  briefly: 150,
  meets: ['forwarded', 'refused', 'denied'],
  open: openTarget,
};

interface Street {
  readonly house: House;
  readonly upstream: StrictUpstream;
  readonly snapshot: Snapshot;
}

function configOf({ url }: StrictUpstream): string {
  const policy = 'policy: [{allow: {or: [{accept: true}]}}, {deny: {or: [{http_path: {starts_with: /admin}}]}}]';
  return `
insecure_server: true
routes:
  - {from: https://app.test, prefix: /base, prefix_rewrite: /inner, to: "${url}", ${policy}}
  - {from: https://app.test, to: "${url}", ${policy}}
  - {from: "https://*.wild.test", to: "${url}", preserve_host_header: true, ${policy}}
  - {from: https://closed.test, to: "${url}", policy: {allow: {or: [{http_method: NONE}]}}}
`;
}

async function openTarget(): Promise<OpenTarget> {
  const upstream = await openStrictUpstream();
  const house = await openHouse({ config: configOf(upstream), limits: { headMs: 400, bodyIdleMs: 400, checkEveryMs: 100 } });
  const read = await readConfiguration({ file: house.configFile, environment: undefined }, currentTime);
  const built = read.ok ? await buildSnapshot(read.document, await lookingServices(currentTime)) : read;
  assert.ok(built.ok);
  const street = { house, upstream, snapshot: built.snapshot };
  let before: readonly StrictMessage[] = [];
  return {
    seeds: [],
    make: (random, known) =>
      random.oneIn(2) ? madeRequests(random) : mutateBytes(random, random.pick(known), { others: known, words: requestWords }),
    async check(input) {
      const { outcome, asked } = await check(input, street, before);
      before = asked;
      return outcome;
    },
    async [Symbol.asyncDispose]() {
      await street.snapshot[Symbol.asyncDispose]();
      await house[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

function currentTime(): number {
  return Date.now();
}

interface Checked {
  readonly outcome: string;
  /** What the reader by the letter found: of a request that was cut off, the upstream may hear during the next check. */
  readonly asked: readonly StrictMessage[];
}

async function check(input: Buffer, street: Street, before: readonly StrictMessage[]): Promise<Checked> {
  const { house, upstream } = street;
  forgetLog(house);
  const strict = readRequests(input);
  const asked = [
    ...strict.messages,
    ...(strict.begun === undefined ? [] : [{ ...strict.begun, body: Buffer.alloc(0), endsWithConnection: false }]),
  ];
  const methods = asked.map(({ start }) => start[0]);
  const { received, isOver } = await exchangePlainly({
    port: house.port,
    chunks: cutBytes(randomOf(input), input),
    isDone: (bytes) =>
      finalAnswers(readAnswers(bytes, methods, false)).length >= Math.max(1, strict.messages.length) && strict.rest === 'nothing',
    // A part of a request is waited for, and what is to be seen of it is seen at once.
    withinMs: strict.rest === 'nothing' && strict.messages.length > 0 ? 3_000 : 30,
  });
  const arrived = await settled(upstream, house);
  assert.deepEqual(upstream.faults, [], 'the upstream got what is no request');
  for (const each of arrived) checkArrived(each, [...asked, ...before], house.log);
  const ids = arrived.map((each) => fieldOf(each, 'x-request-id'));
  assert.equal(new Set(ids).size, ids.length, 'one request arrived twice');
  const answers = readAnswers(received, [...methods, 'GET'], isOver);
  assert.ok(
    ['nothing', 'part'].includes(answers.rest),
    `the client got something else than answers: ${JSON.stringify(answers.rest)} in ${JSON.stringify(received.toString('latin1'))}`,
  );
  const echoed = finalAnswers(answers).filter(({ body }) => body.toString('latin1').startsWith('got '));
  for (const { body } of echoed)
    assert.ok(
      arrived.some(({ start }) => `got ${start[1]}` === body.toString('latin1')),
      'an answer to what never arrived',
    );
  if (strict.messages.length === 1 && strict.rest === 'nothing') await checkExplained(asked[0], street);
  const denied = house.log.some((line) => line['decision'] === 'deny');
  return { outcome: arrived.length > 0 ? 'forwarded' : denied ? 'denied' : answers.messages.length > 0 ? 'refused' : 'no answer', asked };
}

/** A house keeps its log for as long as it is open, and here it is open for hours. */
function forgetLog({ log, rawLog }: House): void {
  for (const kept of [log, rawLog]) (kept as unknown[]).length = 0;
}

/** What arrived, once there is a line in the log for each: it is written when a request is over. */
async function settled(upstream: StrictUpstream, house: House): Promise<readonly StrictMessage[]> {
  await new Promise((resolve) => setTimeout(resolve, 3));
  const arrived = upstream.take();
  for (const each of arrived)
    await house.logLine((line) => line['request_id'] === fieldOf(each, 'x-request-id') && line['msg'] === 'request');
  return arrived;
}

const ours: ReadonlySet<string> = new Set(['x-request-id', 'x-forwarded-host', 'x-forwarded-proto']);
const onlyOnce = ['host', 'authorization', 'content-length', 'content-type', 'cookie', 'expect', 'origin', 'transfer-encoding', 'upgrade'];
const spoofable: ReadonlySet<string> = new Set(spoofableNames.filter((name) => !ours.has(name)));

function checkArrived(arrived: StrictMessage, asked: readonly StrictMessage[], log: readonly LogLine[]): void {
  const [method, target] = arrived.start;
  const line = log.find((each) => each['request_id'] === fieldOf(arrived, 'x-request-id') && each['msg'] === 'request');
  assert.ok(line !== undefined);
  const path = String(line['path']);
  const [seen = ''] = target.split('?');
  assert.deepEqual([line['decision'], line['method']], ['allow', method], 'what was not allowed arrived');
  // Rewritten by the first route, and by no other.
  assert.equal(
    path.startsWith('/base') && line['host'] === 'app.test' ? seen.replace(/^\/inner/, '/base') : seen,
    path,
    'the policy saw another path',
  );
  const decoded = seen.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  assert.doesNotMatch(new URL(`http://u.test${decoded.replace(/[^\x21-\x7e]/g, '')}`).pathname, /^\/admin/, 'what is denied arrived');
  const match = asked.find(({ start }) => start[0] === method && canonical(start[1]) === `${path}${target.slice(seen.length)}`);
  assert.ok(match !== undefined, `nobody asked for ${method} ${target}`);
  assert.ok(match.body.equals(arrived.body) || match.body.length === 0, 'the body is another one');
  const forged = arrived.fields.filter(
    ([name]) => spoofable.has(name.replaceAll(/[_.]/g, '-')) || (name.includes('_') && name !== '__proto__'),
  );
  assert.deepEqual(forged, [], 'what only Postern may say arrived');
  const said = arrived.fields.filter(([name]) => ours.has(name));
  assert.equal(said.length, ours.size, `said otherwise than once: ${said.join(', ')}`);
  assert.ok(!said.some(([, value]) => value === 'evil'), `forged: ${said.join(', ')}`);
  const singles = arrived.fields.map(([name]) => name).filter((name) => onlyOnce.includes(name));
  assert.equal(new Set(singles).size, singles.length, `sent twice: ${singles.join(', ')}`);
  const [cookie = '', credentials = ''] = ['cookie', 'authorization'].map((name) => fieldOf(arrived, name));
  assert.doesNotMatch(cookie, /(?:^|;)\s*_pomerium(?:_[^=;]*)?\s*(?:[=;]|$)/, 'a cookie of ours arrived');
  assert.doesNotMatch(credentials, /^\s*pomerium\b/i, 'credentials for us arrived');
}

function canonical(target: string): string | undefined {
  const read = parseTarget(target);
  return typeof read === 'string' ? undefined : read.path + read.query;
}

/** The same request, put to `explain`. */
async function checkExplained(asked: StrictMessage | undefined, { house, snapshot }: Street): Promise<void> {
  const lines = house.log.filter((line) => line['msg'] === 'request');
  const [line] = lines;
  // What Node's own parser refuses has no line of a request.
  if (asked === undefined || line === undefined || lines.length !== 1) return;
  const [method, rawTarget, version] = asked.start;
  // `explain` speaks HTTP/1.1, and a first line in another form is none of a URL.
  if (version !== 'HTTP/1.1' || !rawTarget.startsWith('/')) return;
  const rawAuthority = fieldOf(asked, 'host') ?? '';
  // An authority that is empty stands in no URL: there it means that no `Host` is sent.
  if (rawAuthority === '') return;
  const first = asked.fields.findIndex(([name]) => name === 'host');
  const headers = asked.fields.filter((_, index) => index !== first).flat();
  const question = {
    scheme: 'http',
    method,
    rawAuthority,
    rawTarget,
    headers,
    person: undefined,
    certificates: [],
    sourceIp: '127.0.0.1',
    at: Date.now(),
    sni: undefined,
  } as const;
  const { decision, status, reasons } = await explainRequest(question, snapshot);
  const live = { decision: line['decision'], reasons: line['reasons'] };
  assert.deepEqual(live, { decision, reasons }, '`explain` says something else');
  if (decision !== 'allow') assert.equal(line['status'], status, '`explain` says another status');
}
