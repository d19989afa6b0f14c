import { createHash, createPrivateKey, sign } from 'node:crypto';
import type { Issued, RawExtension } from '../../src/certificate/issue-certificate.ts';
import { expectTag, readChildren, readDer } from '../../src/certificate/read-der.ts';
import type { RevocationQuestion } from '../../src/certificate/revocation-lookup.ts';
import {
  writeBitString,
  writeBoolean,
  writeContextPrimitive,
  writeDer,
  writeExplicit,
  writeNull,
  writeOctetString,
  writeOid,
  writeSequence,
} from '../../src/certificate/write-der.ts';
import { factsOf } from './authority.ts';

export interface OcspOptions {
  readonly question: RevocationQuestion;
  readonly signer: Issued;
  /** DER of certificates that come with it. */
  readonly certificates?: readonly Issued[];
  readonly status?: 'good' | 'revoked' | 'unknown';
  readonly thisUpdate: number;
  readonly nextUpdate?: number;
  readonly producedAt?: number;
  readonly nonce?: Buffer;
  /** Told by its name instead of its key. */
  readonly byName?: boolean;
  /** Told by this, whoever signs. */
  readonly responder?: Issued;
  /** Instead of the answer about `question`. */
  readonly answers?: readonly Buffer[];
  readonly extensions?: readonly RawExtension[];
  readonly answerExtensions?: readonly RawExtension[];
  /** Instead of ECDSA with SHA-256. */
  readonly algorithm?: { readonly oid: string; readonly hash: string };
}

/** An OCSPResponse (RFC 6960 section 4.2.1), written by nothing that reads one. */
export function writeOcspResponse(options: OcspOptions): Buffer {
  const { signer, responder = signer, byName = false, thisUpdate, producedAt = thisUpdate, nonce } = options;
  const extensions = [
    ...(nonce === undefined ? [] : [{ oid: '1.3.6.1.5.5.7.48.1.2', critical: false, der: writeOctetString(nonce) }]),
    ...(options.extensions ?? []),
  ];
  const data = writeSequence(
    byName ? writeExplicit(1, factsOf(responder).subjectRaw) : writeExplicit(2, writeOctetString(keyHashOf(responder))),
    time(producedAt),
    writeSequence(...(options.answers ?? [writeAnswer(options)])),
    ...(extensions.length === 0 ? [] : [writeExplicit(1, writeSequence(...extensions.map(writeExtension)))]),
  );
  const { oid, hash } = options.algorithm ?? { oid: '1.2.840.10045.4.3.2', hash: 'sha256' };
  const certificates = (options.certificates ?? []).map(({ certificate }) => certificate.raw);
  const basic = writeSequence(
    data,
    writeSequence(writeOid(oid)),
    writeBitString(sign(hash, data, createPrivateKey(signer.keyPem))),
    ...(certificates.length === 0 ? [] : [writeExplicit(0, writeSequence(...certificates))]),
  );
  const bytes = writeSequence(writeOid('1.3.6.1.5.5.7.48.1.1'), writeOctetString(basic));
  return writeSequence(writeDer(0x0a, Buffer.of(0)), writeExplicit(0, bytes));
}

/** A response without an answer: `tryLater` is 3. */
export function writeRefusal(status: number): Buffer {
  return writeSequence(writeDer(0x0a, Buffer.of(status)));
}

type AnswerOptions = Pick<OcspOptions, 'question' | 'status' | 'thisUpdate' | 'nextUpdate' | 'answerExtensions'>;

export function writeAnswer({ question, status = 'good', thisUpdate, nextUpdate, answerExtensions = [] }: AnswerOptions): Buffer {
  const statuses = {
    good: writeContextPrimitive(0, Buffer.alloc(0)),
    revoked: writeDer(0xa1, time(thisUpdate)),
    unknown: writeContextPrimitive(2, Buffer.alloc(0)),
  };
  return writeSequence(
    writeSequence(
      writeSequence(writeOid('1.3.14.3.2.26'), writeNull()),
      writeOctetString(createHash('sha1').update(question.certificate.issuerRaw).digest()),
      writeOctetString(keyHashOf(question.issuer)),
      writeDer(0x02, Buffer.from(question.certificate.serialKey, 'latin1')),
    ),
    statuses[status],
    time(thisUpdate),
    ...(nextUpdate === undefined ? [] : [writeExplicit(0, time(nextUpdate))]),
    ...(answerExtensions.length === 0 ? [] : [writeExplicit(1, writeSequence(...answerExtensions.map(writeExtension)))]),
  );
}

/** The nonce of a request, as the last bytes of it. */
export function nonceOf(request: Buffer): Buffer {
  return request.subarray(-32);
}

function keyHashOf({ certificate }: Pick<Issued, 'certificate'>): Buffer {
  const [, bits] = readChildren(readDer(certificate.publicKey.export({ type: 'spki', format: 'der' })));
  return createHash('sha1').update(expectTag(bits, 0x03).contents.subarray(1)).digest();
}

function writeExtension({ oid, critical, der }: RawExtension): Buffer {
  return writeSequence(writeOid(oid), ...(critical ? [writeBoolean(true)] : []), writeOctetString(der));
}

/** A GeneralizedTime, whatever the year. */
function time(at: number): Buffer {
  return writeDer(0x18, Buffer.from(new Date(at).toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '')));
}
