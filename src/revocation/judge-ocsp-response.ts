import type { RevocationQuestion } from '../certificate/revocation-lookup.ts';
import { MalformedDer } from '../certificate/read-der.ts';
import { writeOctetString } from '../certificate/write-der.ts';
import type { Extension } from '../certificate/read-extensions.ts';
import { skewMs } from './clock-skew.ts';
import { certificateId, nonceOid, sha1Oid } from './ocsp-request.ts';
import type { OcspResponse, SingleAnswer } from './ocsp-response.ts';
import { readOcspResponse } from './ocsp-response.ts';
import { signerFault } from './ocsp-signer.ts';

export interface OcspQuestion {
  readonly question: RevocationQuestion;
  readonly nonce: Buffer;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** For how long an answer counts that does not say so itself. */
  readonly usualLifeMs: number;
}

export interface OcspAnswer {
  readonly status: 'good' | 'revoked' | 'unknown';
  readonly thisUpdate: number;
  /** The last moment at which it may be repeated. */
  readonly until: number;
}

/** What the bytes of a response say of one certificate, or in a clause why they say nothing (RFC 6960 section 3.2). */
export function judgeOcspResponse(bytes: Buffer, asked: OcspQuestion): OcspAnswer | string {
  const response = readOcspResponse(bytes);
  if (typeof response === 'string') return response;
  return faultOf(response, asked) ?? readAnswer(response, asked);
}

function faultOf(response: OcspResponse, { question, nonce, at }: OcspQuestion): string | undefined {
  const unknown = criticalUnknown(response.extensions);
  if (unknown !== undefined) return unknown;
  const echoed = response.extensions.get(nonceOid);
  // Many responders answer with what they signed beforehand and leave the nonce out (RFC 5019 section 4): the dates have to do then.
  if (echoed !== undefined && !echoed.value.equals(writeOctetString(nonce))) return 'its answer is to another question (nonce)';
  if (response.producedAt > at + skewMs) return 'its answer is of the future';
  try {
    return signerFault(response, question.issuer, at);
  } catch (error) {
    if (error instanceof MalformedDer) return `its answer cannot be read as an OCSP response (${error.message})`;
    throw error;
  }
}

function readAnswer({ answers }: OcspResponse, { question, at, usualLifeMs }: OcspQuestion): OcspAnswer | string {
  const asked = certificateId(question);
  const [answer, ...more] = answers.filter(
    ({ hashOid, id }) =>
      hashOid === sha1Oid && id.nameHash.equals(asked.nameHash) && id.keyHash.equals(asked.keyHash) && id.serial.equals(asked.serial),
  );
  if (answer === undefined) return 'its answer is about another certificate';
  if (more.length > 0) return 'it gives two answers about one certificate';
  return criticalUnknown(answer.extensions) ?? within(answer, at, usualLifeMs);
}

function within({ status, thisUpdate, nextUpdate }: SingleAnswer, at: number, usualLifeMs: number): OcspAnswer | string {
  if (thisUpdate > at + skewMs) return 'its answer is of the future';
  // Without an end there is newer information at any time (RFC 6960 section 4.2.2.1), so an answer that is old already is a repeated one.
  if (nextUpdate === undefined && thisUpdate < at - usualLifeMs - skewMs) return 'its answer is out of date';
  if (nextUpdate !== undefined && nextUpdate < at) return 'its answer is out of date';
  return { status, thisUpdate, until: nextUpdate ?? Infinity };
}

function criticalUnknown(extensions: ReadonlyMap<string, Extension>): string | undefined {
  const found = [...extensions].find(([oid, { critical }]) => critical && oid !== nonceOid);
  return found === undefined ? undefined : `its answer has a critical extension that is not understood (${found[0]})`;
}
