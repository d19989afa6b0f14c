import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { readQuestion } from '../../src/cli/explain-options.ts';
import { explainRequest } from '../../src/cli/explain-request.ts';
import { runExplain } from '../../src/cli/explain.ts';
import type { Explanation } from '../../src/cli/explanation.ts';
import { lookingServices } from '../../src/looking-services.ts';
import { readConfiguration } from '../../src/read-configuration.ts';
import type { Snapshot } from '../../src/snapshot.ts';
import { buildSnapshot } from '../../src/build-snapshot.ts';
import type { House } from '../walk/house.ts';
import type { Visitor } from '../walk/visitor.ts';
import type { RawAnswer } from './ask-raw.ts';
import { askRaw } from './ask-raw.ts';
import type { Asked } from './asked-requests.ts';
import { authorityOf } from './asked-requests.ts';
import type { Got, KeepingUpstream } from './keeping-upstream.ts';
import { type } from './terminal.ts';

/** What came of a request, in words that `explain` and a server share. */
export interface Answered {
  readonly decision: string;
  readonly status: number;
  readonly reasons: readonly string[];
  readonly route: string | null;
  readonly upstream: Got | null;
  /** A redirect or a fixed answer. */
  readonly reply: { readonly headers: Readonly<Record<string, string>>; readonly body: string } | null;
}

/** A house with everything around it that a request may meet. */
export interface Street {
  readonly house: House;
  readonly upstreams: readonly KeepingUpstream[];
  readonly visitors: ReadonlyMap<string, Visitor>;
  /** Where requests go that are made without TLS; undefined: they are made with it. */
  readonly plainPort: number | undefined;
}

/** Puts one request to both. `name` tells it from others that are on their way at the same time. */
export type AskBoth = (asked: Asked, name: string) => Promise<{ readonly live: Answered; readonly explained: Answered }>;

/** `explain` with the configuration of the house read once, as the house itself read it once. */
export async function openStreet(street: Street): Promise<AsyncDisposable & { readonly askBoth: AskBoth }> {
  const { house } = street;
  for (const [name, { certificatePem }] of Object.entries(house.pki)) await writeFile(join(house.directory, `${name}.pem`), certificatePem);
  const read = await readConfiguration({ file: house.configFile, environment: undefined }, currentTime);
  const built = read.ok ? await buildSnapshot(read.document, await lookingServices(currentTime)) : read;
  if (!built.ok) throw new Error(built.problems.map(({ message }) => message).join('\n'));
  const { snapshot } = built;
  return {
    async askBoth(asked, name) {
      const explanation = await explain(street, snapshot, asked, name);
      const answer = await ask(street, asked, name);
      return { explained: readExplanation(street, explanation, asked), live: await readLive(street, { answer, explanation, name }) };
    },
    [Symbol.asyncDispose]: () => snapshot[Symbol.asyncDispose](),
  };
}

function currentTime(): number {
  return Date.now();
}

async function explain(street: Street, snapshot: Snapshot, asked: Asked, name: string): Promise<Explanation> {
  const args = argumentsOf(street, asked, name);
  // Now and then the whole command, which reads the configuration each time.
  if (Number(name) % 25 === 0) {
    const { out, err, status } = await type(runExplain, [...args, '--json'], { at: Date.now() });
    assert.equal(status, 0, err);
    return JSON.parse(out) as Explanation;
  }
  const io = { out: () => {}, err: () => {}, now: currentTime, environment: {}, colour: false, width: 80 };
  const question = readQuestion(args, io);
  if ('kind' in question) throw new Error(question.message);
  return explainRequest(question, snapshot);
}

function argumentsOf({ house, plainPort }: Street, asked: Asked, name: string): readonly string[] {
  const { method, target, headers, certificate, sni, spelt, host, person } = asked;
  const scheme = plainPort === undefined ? 'https' : 'http';
  const args = [method, `${scheme}://${authorityOf(asked, plainPort ?? house.port)}${target}`, '--config', house.configFile, '--no-env'];
  for (const header of [...headers, `X-Case: ${name}`]) args.push('--header', header);
  if (certificate !== '') args.push('--client-cert', join(house.directory, `${certificate}.pem`));
  // Left to the URL, where the URL says it.
  if (sni !== undefined || spelt !== 'plain') args.push('--sni', sniOf(sni ?? host));
  if (person === 'alice') args.push('--user', 'alice', '--email', 'alice@example.com', '--name', 'Alice Ω', '--groups', 'admins,staff');
  // The provider says that bob’s address is not verified, so he has none.
  if (person === 'bob') args.push('--user', 'bob', '--name', 'Bob', '--groups', 'staff');
  return args;
}

function sniOf(host: string): string {
  return host === '' ? '' : `${host}.postern.test`;
}

function ask({ house, visitors, plainPort }: Street, asked: Asked, name: string): Promise<RawAnswer> {
  const { method, host, target, headers, certificate, sni, person } = asked;
  const cookie = visitors.get(person)?.jar.cookies(`https://${host}.postern.test/`) ?? '';
  const port = plainPort ?? house.port;
  const authority = authorityOf(asked, port);
  const fields = [...headers, `X-Case: ${name}`];
  const head = [
    `${method} ${target} HTTP/1.1`,
    ...(authority === '' ? [] : [`Host: ${authority}`]),
    ...(cookie === '' ? [] : [`Cookie: ${cookie}`]),
    ...fields,
    // What nominates or switches has the field already, and an answer to it may leave the connection open.
    ...(fields.some((field) => field.startsWith('Connection:')) ? [] : ['Connection: close']),
  ];
  return askRaw(
    { port, pki: house.pki },
    {
      head,
      sni: plainPort === undefined ? sniOf(sni ?? host) : undefined,
      client: certificate === '' ? undefined : house.pki[certificate],
    },
  );
}

function readExplanation({ upstreams }: Street, explanation: Explanation, { method }: Asked): Answered {
  const { decision, status, reasons, route, upstream, reply } = explanation;
  return {
    decision,
    status,
    reasons,
    route: route?.name ?? null,
    upstream: upstream === null ? null : { target: targetOf(upstream.url, upstreams), headers: ofRequestOnly(upstream.headers) },
    reply: reply === null ? null : { headers: reply.headers, body: method === 'HEAD' ? '' : reply.body },
  };
}

function targetOf(url: string, upstreams: readonly KeepingUpstream[]): string {
  const origin = upstreams.map((each) => (each.url.startsWith('unix:') ? `${each.url}:` : each.url)).find((each) => url.startsWith(each));
  assert.ok(origin !== undefined, url);
  return url.slice(origin.length);
}

interface LiveAnswer {
  readonly answer: RawAnswer;
  readonly explanation: Explanation;
  readonly name: string;
}

async function readLive({ house, upstreams }: Street, { answer, explanation, name }: LiveAnswer): Promise<Answered> {
  const reference = answer.headers['x-request-id'];
  if (reference === undefined) return unparsed(answer, explanation);
  const line = await house.logLine((each) => each['request_id'] === reference && each['msg'] === 'request');
  const { decision, reasons, route } = line as unknown as Pick<Answered, 'decision' | 'reasons' | 'route'>;
  const got = upstreams.map((each) => each.take(name)).find((each) => each !== undefined);
  const upstream = got === undefined ? null : { target: got.target, headers: ofRequestOnly(withoutSecrets(got.headers)) };
  return { decision, status: plainStatus(answer, explanation), reasons, route, upstream, reply: replyOf(answer, explanation) };
}

/** What Node’s own parser can’t read is answered before anything of ours sees it: no page, no reason. `explain` refuses it as well, for a reason. */
function unparsed({ status }: RawAnswer, { decision, reasons }: Explanation): Answered {
  const refused = decision === 'bad-request' ? reasons : [];
  return { decision: 'bad-request', status, reasons: refused, route: null, upstream: null, reply: null };
}

/** A switched protocol is a request that was handed on; gRPC is told 200, and the status in a header. */
function plainStatus({ status, headers }: RawAnswer, explanation: Explanation): number {
  const grpc = headers['grpc-status'];
  if (grpc === undefined || explanation.status === status) return status === 101 ? 200 : status;
  return Number(grpc) === (grpcCodes.get(explanation.status) ?? 2) ? explanation.status : status;
}

const grpcCodes: ReadonlyMap<number, number> = new Map([
  [400, 13],
  [401, 16],
  [403, 7],
  [404, 12],
  [495, 16],
]);

/** Of the answer what `explain` told of it, and a redirect wherever there is one. */
function replyOf({ headers, body }: RawAnswer, { reply, decision }: Explanation): Answered['reply'] {
  const { location } = headers;
  if (reply === null) return location === undefined || decision === 'own' ? null : { headers: { location }, body };
  const told = Object.keys(reply.headers).map((field) => [field, withoutSignature(headers[field] ?? '')]);
  return { headers: Object.fromEntries(told) as Record<string, string>, body };
}

function withoutSignature(location: string): string {
  return location.replace(/([?&]pomerium_(?:signature|issued|expiry|browser)=)[^&]*/g, '$1…');
}

function ofRequestOnly(headers: Got['headers']): Got['headers'] {
  const { 'x-request-id': _, connection: __, ...others } = headers;
  return others;
}

/** `explain` does not sign for people who were made up, and they have no tokens. */
function withoutSecrets(headers: Got['headers']): Got['headers'] {
  const standIns = Object.entries(headers).map(([field, value]) => {
    if (field === 'authorization' && value === 'Bearer of-the-cluster') return [field, '(secret)'];
    return [field, value.replace(jsonWebToken, field === 'x-id' ? '(of the session)' : '(signed at request time)')];
  });
  return Object.fromEntries(standIns) as Got['headers'];
}

const jsonWebToken = /eyJ[\w-]+\.[\w-]+\.[\w-]+/;
