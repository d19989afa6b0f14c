import { createHash } from 'node:crypto';
import type { CertificateFacts } from '../certificate/certificate-facts.ts';
import type { IssuedCrl } from '../certificate/crl-bundle.ts';
import { issuerKey } from '../certificate/crl-bundle.ts';
import { readListOf } from '../certificate/read-list-of.ts';
import type { RevocationQuestion, RevocationStatus } from '../certificate/revocation-lookup.ts';
import type { RevocationSettings } from '../config/revocation-settings.ts';
import type { AllowedSource } from './allowed-source.ts';
import { answerLifeMs, failureLifeMs } from './answer-life.ts';
import type { Finding, Unreachable } from './answer-book.ts';
import { AnswerBook } from './answer-book.ts';
import type { AskedSource, Desk } from './desk.ts';
import type { FetchFailure } from './fetch-bytes.ts';
import { skewMs } from './clock-skew.ts';
import type { QuestionSources } from './question-sources.ts';
import { good, noSource, unasked } from './known-statuses.ts';
import { shareTime } from './share-time.ts';

interface Subject {
  readonly source: AllowedSource;
  readonly issuer: CertificateFacts;
}

interface Held {
  readonly list: IssuedCrl;
  /** Of the bytes it was read from, so that the same ones are not read again. */
  readonly digest: string;
  readonly bytes: number;
  /** When it is out of date; one that does not say is when it should have been asked for again. */
  readonly endsAt: number;
  readonly revoked: RevocationStatus;
  /** For authorities, where the list does not speak of them. */
  readonly silent: Unreachable;
}

/** Revocation lists at the distribution points of certificates (RFC 5280 section 4.2.1.13), one of each address and issuer. */
export function openListSource(
  desk: Desk,
  { timeoutMs, cacheTtlMs, staleGraceMs }: RevocationSettings,
  sourcesOf: (question: RevocationQuestion) => QuestionSources,
): AskedSource {
  const book = new AnswerBook<Subject, Held>({
    now: desk.now,
    fetch: fetchList,
    sourceOf: ({ source }) => source.shown,
    failureMs: failureLifeMs(cacheTtlMs),
    mostWeight: mostMemory,
    weigh: ({ bytes }) => Math.max(bytes, mostMemory / mostLists),
  });

  async function fetchList({ source, issuer }: Subject, held: Held | undefined): Promise<Finding<Held>> {
    // A long list may take longer than a visitor waits: it counts for those who come after.
    const order = { source, mostBytes, headWithinMs: timeoutMs, allWithinMs: timeoutMs * patience };
    const fetched = await desk.fetchList(order);
    const at = desk.now();
    const read = fetched.kind === 'ok' ? readNext({ bytes: fetched.bytes, source, issuer, held, at, cacheTtlMs }) : fetched;
    if ('explanation' in read) {
      desk.journal.failed('crl', source, read);
      return { kind: 'failed', explanation: read.explanation };
    }
    const fault = overdue(read.list, at);
    if (fault !== undefined) {
      desk.journal.failed('crl', source, { kind: 'invalid', explanation: fault }, read.list);
      return { kind: 'failed', explanation: fault, value: read };
    }
    desk.journal.answered('crl', source, read.list);
    return { kind: 'found', value: read, freshUntil: Math.min(read.list.nextUpdate, at + answerLifeMs(cacheTtlMs)) };
  }

  function statusAt(source: AllowedSource, { certificate, issuer }: RevocationQuestion, at: number): RevocationStatus {
    const known = book.look(keyOf(source, issuer), at);
    if (known.kind === 'unasked') return unasked;
    const { value } = known;
    // Whoever silences the source must not bring a revoked certificate back.
    if (value?.list.serials.has(certificate.serialKey)) return value.revoked;
    if (known.kind === 'failed' && (value === undefined || at > value.endsAt + staleGraceMs)) return known.status;
    return value?.list.onlyUserCertificates === true && certificate.isCa ? value.silent : good;
  }

  return {
    statusOf(question, at) {
      let unreachable: RevocationStatus | undefined;
      for (const source of sourcesOf(question).lists) {
        const status = statusAt(source, question, at);
        if (status.kind !== 'unreachable') return status;
        unreachable ??= status;
      }
      return unreachable ?? noSource;
    },
    async ask(question, forMs) {
      const { lists } = sourcesOf(question);
      const share = shareTime(forMs, desk.clock);
      for (const [index, source] of lists.entries()) {
        await book.ask(keyOf(source, question.issuer), { source, issuer: question.issuer }, share(lists.length - index));
        if (statusAt(source, question, desk.now()).kind !== 'unreachable') return;
      }
    },
    renew: (at) => book.renew(at),
  };
}

const mostLists = 64;
const mostMemory = 256 * 2 ** 20;
const mostBytes = 100 * 2 ** 20;
const patience = 10;

function keyOf(source: AllowedSource, issuer: CertificateFacts): string {
  return `${source.named} ${issuerKey(issuer)}`;
}

interface Fetched extends Subject {
  readonly bytes: Buffer;
  readonly held: Held | undefined;
  readonly at: number;
  readonly cacheTtlMs: number;
}

/** The list in the bytes, or why it does not replace the one that is held. */
function readNext({ bytes, source, issuer, held, at, cacheTtlMs }: Fetched): Held | FetchFailure {
  const endOf = ({ nextUpdate }: IssuedCrl): number => (nextUpdate === Infinity ? at + cacheTtlMs : nextUpdate);
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (held?.digest === digest) return { ...held, endsAt: endOf(held.list) };
  const reading = readListOf(bytes, issuer, source.named);
  if (!reading.ok) return refuse(reading.message);
  const { list } = reading;
  if (list.thisUpdate > at + skewMs) return refuse(`the revocation list does not count before ${new Date(list.thisUpdate).toISOString()}`);
  if (held !== undefined && isOlder(list, held.list))
    return refuse(`it gives ${describe(list)} after ${describe(held.list)}, which stays in force`);
  return {
    list,
    digest,
    bytes: bytes.length,
    endsAt: endOf(list),
    // The same objects for as long as they say the same: verdicts are remembered by them.
    revoked: held?.revoked ?? { kind: 'revoked', source: source.shown },
    silent: held?.silent ?? {
      kind: 'unreachable',
      source: source.shown,
      explanation: 'the revocation list there does not speak of authorities',
    },
  };
}

function refuse(explanation: string): FetchFailure {
  return { kind: 'invalid', explanation };
}

/** Whoever stands between us and the authority may have kept a list from before a revocation. */
function isOlder(list: IssuedCrl, held: IssuedCrl): boolean {
  if (list.number !== undefined && held.number !== undefined && list.number !== held.number) return list.number < held.number;
  return list.thisUpdate < held.thisUpdate;
}

function describe({ number, thisUpdate }: IssuedCrl): string {
  return number === undefined ? `the list of ${new Date(thisUpdate).toISOString()}` : `list number ${number}`;
}

function overdue({ nextUpdate }: IssuedCrl, at: number): string | undefined {
  return nextUpdate < at ? `the revocation list was due to be replaced at ${new Date(nextUpdate).toISOString()}` : undefined;
}
