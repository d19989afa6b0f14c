import { randomBytes } from 'node:crypto';
import { issuerKey } from '../certificate/crl-bundle.ts';
import type { RevocationQuestion, RevocationStatus } from '../certificate/revocation-lookup.ts';
import type { RevocationSettings } from '../config/revocation-settings.ts';
import type { AllowedSource } from './allowed-source.ts';
import { answerLifeMs, failureLifeMs } from './answer-life.ts';
import type { Finding } from './answer-book.ts';
import { AnswerBook } from './answer-book.ts';
import type { AskedSource, Desk } from './desk.ts';
import type { FetchFailure } from './fetch-bytes.ts';
import type { OcspAnswer } from './judge-ocsp-response.ts';
import { judgeOcspResponse } from './judge-ocsp-response.ts';
import { certificateId, writeOcspRequest } from './ocsp-request.ts';
import type { QuestionSources } from './question-sources.ts';
import { good, noSource, unasked } from './known-statuses.ts';
import { shareTime } from './share-time.ts';

interface Subject {
  readonly question: RevocationQuestion;
  readonly responders: readonly [AllowedSource, ...AllowedSource[]];
}

interface Held {
  readonly status: Exclude<RevocationStatus, { kind: 'unasked' | 'no-source' | 'unreachable' }>;
  readonly thisUpdate: number;
}

/** OCSP responders (RFC 6960), by POST and with a nonce. An answer counts until its `nextUpdate`, and no longer than the configured time. */
export function openOcspSource(
  desk: Desk,
  { timeoutMs, cacheTtlMs }: RevocationSettings,
  sourcesOf: (question: RevocationQuestion) => QuestionSources,
): AskedSource {
  const failureMs = failureLifeMs(cacheTtlMs);
  const book = new AnswerBook<Subject, Held>({
    now: desk.now,
    fetch: askResponders,
    sourceOf: ({ responders: [first] }) => first.shown,
    failureMs,
    mostWeight: mostAnswers,
  });

  /** One after the other, until one gives an answer that counts. */
  async function askResponders({ question, responders }: Subject, held: Held | undefined): Promise<Finding<Held>> {
    const share = shareTime(timeoutMs, desk.clock);
    let explanation = '';
    for (const [index, responder] of responders.entries()) {
      const answer = await askOne(question, responder, { forMs: share(responders.length - index), held });
      if ('explanation' in answer) {
        desk.journal.failed('ocsp', responder, answer);
        explanation ||= answer.explanation;
        continue;
      }
      desk.journal.answered('ocsp', responder);
      const lifeMs = answer.status === 'unknown' ? failureMs : answerLifeMs(cacheTtlMs);
      const status = sameOr(held?.status, answer.status, responder.shown);
      return {
        kind: 'found',
        value: { status, thisUpdate: answer.thisUpdate },
        freshUntil: Math.min(answer.until, desk.now() + lifeMs),
      };
    }
    return { kind: 'failed', explanation };
  }

  async function askOne(
    question: RevocationQuestion,
    source: AllowedSource,
    { forMs, held }: { readonly forMs: number; readonly held: Held | undefined },
  ): Promise<OcspAnswer | FetchFailure> {
    const nonce = randomBytes(32);
    const bytes = writeOcspRequest(certificateId(question), nonce);
    const post = { type: 'application/ocsp-request', bytes };
    const fetched = await desk.fetchAnswer({ source, post, mostBytes, headWithinMs: forMs, allWithinMs: forMs });
    if (fetched.kind !== 'ok') return fetched;
    const answer = judgeOcspResponse(fetched.bytes, { question, nonce, at: desk.now(), usualLifeMs: cacheTtlMs });
    if (typeof answer === 'string') return { kind: 'invalid', explanation: answer };
    // Without a nonce, an answer from before the revocation may be repeated for as long as its dates allow.
    const isOlder = held?.status.kind === 'revoked' && answer.status !== 'revoked' && answer.thisUpdate < held.thisUpdate;
    return isOlder ? { kind: 'invalid', explanation: 'its answer is older than the one that said it is revoked' } : answer;
  }

  return {
    statusOf(question, at) {
      if (sourcesOf(question).ocsp.length === 0) return noSource;
      const known = book.look(keyOf(question), at);
      if (known.kind === 'unasked') return unasked;
      if (known.kind === 'fresh') return known.value.status;
      // Whoever silences the responder must not bring a revoked certificate back.
      return known.value?.status.kind === 'revoked' ? known.value.status : known.status;
    },
    async ask(question, forMs) {
      const [first, ...others] = sourcesOf(question).ocsp;
      if (first !== undefined) await book.ask(keyOf(question), { question, responders: [first, ...others] }, forMs);
    },
    renew: (at) => book.renew(at),
  };
}

const mostAnswers = 10_000;
const mostBytes = 64 * 1024;

function keyOf({ certificate, issuer }: RevocationQuestion): string {
  return `${issuerKey(issuer)} ${certificate.serialKey}`;
}

function sameOr(held: Held['status'] | undefined, kind: OcspAnswer['status'], source: string): Held['status'] {
  if (kind === 'good') return good;
  return held !== undefined && held.kind === kind && held.source === source ? held : { kind, source };
}
