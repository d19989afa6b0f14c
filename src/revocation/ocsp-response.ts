import type { SignedBytes } from '../certificate/crl-signature.ts';
import type { DerValue } from '../certificate/read-der.ts';
import { MalformedDer, expectTag, readChildren, readDer, readIntegerContents, readOid, readSmallInteger } from '../certificate/read-der.ts';
import type { Extension } from '../certificate/read-extensions.ts';
import { readExtensions } from '../certificate/read-extensions.ts';
import { readTime } from '../certificate/read-time.ts';
import type { CertificateId } from './ocsp-request.ts';

/** A BasicOCSPResponse (RFC 6960 section 4.2.1), read and not believed. Times in milliseconds since 1970. */
export interface OcspResponse {
  readonly responder: ResponderId;
  readonly producedAt: number;
  readonly answers: readonly SingleAnswer[];
  readonly extensions: ReadonlyMap<string, Extension>;
  readonly signed: SignedBytes;
  /** DER of the certificates that came with it. */
  readonly certificates: readonly Buffer[];
}

/** The DER of a name, or the SHA-1 of the bits of a key. */
export type ResponderId = { readonly kind: 'name'; readonly name: DerValue } | { readonly kind: 'key'; readonly hash: Buffer };

export interface SingleAnswer {
  readonly hashOid: string;
  readonly id: CertificateId;
  readonly status: 'good' | 'revoked' | 'unknown';
  readonly thisUpdate: number;
  readonly nextUpdate: number | undefined;
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** Reads a response, or tells in a clause why there is none: it can't be read to the last byte, or the responder says that it has no answer. */
export function readOcspResponse(bytes: Buffer): OcspResponse | string {
  try {
    return readResponse(bytes);
  } catch (error) {
    if (error instanceof MalformedDer) return `its answer cannot be read as an OCSP response (${error.message})`;
    throw error;
  }
}

const basicResponseOid = '1.3.6.1.5.5.7.48.1.1';

// RFC 6960 section 4.2.1.
const refusals: ReadonlyMap<number, string> = new Map([
  [1, 'malformedRequest'],
  [2, 'internalError'],
  [3, 'tryLater'],
  [5, 'sigRequired'],
  [6, 'unauthorized'],
]);

function readResponse(bytes: Buffer): OcspResponse | string {
  const [status, wrapped, ...more] = readChildren(expectTag(readDer(bytes), 0x30));
  const [code = 0xff, ...rest] = expectTag(status, 0x0a).contents;
  if (more.length > 0 || rest.length > 0) throw new MalformedDer('a field that is not known');
  if (code !== 0) return `it has no answer (${refusals.get(code) ?? `status ${code}`})`;
  const [type, response] = readChildren(only(wrapped, 0xa0));
  if (readOid(type) !== basicResponseOid) throw new MalformedDer('a type of response that is not known');
  return readBasic(readDer(expectTag(response, 0x04).contents));
}

function readBasic(value: DerValue): OcspResponse {
  const [data, algorithm, signature, certificates, ...more] = readChildren(expectTag(value, 0x30));
  if (more.length > 0) throw new MalformedDer('a field that is not known');
  const [oid, parameters] = readChildren(expectTag(algorithm, 0x30));
  const bits = expectTag(signature, 0x03).contents;
  if (bits[0] !== 0) throw new MalformedDer('a signature that is no whole number of bytes');
  return {
    ...readData(expectTag(data, 0x30)),
    signed: { bytes: expectTag(data, 0x30).raw, algorithm: readOid(oid), parameters, signature: bits.subarray(1) },
    certificates: certificates === undefined ? [] : readChildren(only(certificates, 0xa0)).map(({ raw }) => raw),
  };
}

function readData(data: DerValue): Pick<OcspResponse, 'responder' | 'producedAt' | 'answers' | 'extensions'> {
  const fields = [...readChildren(data)];
  // DER leaves the default version out, and some responders write it all the same.
  if (fields[0]?.tag === 0xa0 && readSmallInteger(readChildren(fields.shift() ?? data)[0]) !== 0)
    throw new MalformedDer('a version that is not known');
  const [responder, producedAt, answers, extensions, ...more] = fields;
  if (more.length > 0) throw new MalformedDer('a field that is not known');
  return {
    responder: readResponder(responder),
    producedAt: readTime(expectTag(producedAt, generalizedTime)),
    answers: readChildren(expectTag(answers, 0x30)).map(readAnswer),
    extensions: readWrappedExtensions(extensions),
  };
}

const generalizedTime = 0x18;

function readResponder(value: DerValue | undefined): ResponderId {
  if (value?.tag === 0xa1) return { kind: 'name', name: only(value, 0xa1) };
  return { kind: 'key', hash: expectTag(only(value, 0xa2), 0x04).contents };
}

function readAnswer(value: DerValue): SingleAnswer {
  const [id, status, thisUpdate, ...optional] = readChildren(expectTag(value, 0x30));
  const nextUpdate = optional[0]?.tag === 0xa0 ? optional.shift() : undefined;
  const [extensions, ...more] = optional;
  if (more.length > 0) throw new MalformedDer('a field that is not known');
  return {
    ...readCertificateId(id),
    status: readStatus(status),
    thisUpdate: readTime(expectTag(thisUpdate, generalizedTime)),
    nextUpdate: nextUpdate === undefined ? undefined : readTime(expectTag(only(nextUpdate, 0xa0), generalizedTime)),
    extensions: readWrappedExtensions(extensions),
  };
}

function readCertificateId(value: DerValue | undefined): Pick<SingleAnswer, 'hashOid' | 'id'> {
  const [algorithm, nameHash, keyHash, serial] = readChildren(expectTag(value, 0x30));
  return {
    hashOid: readOid(readChildren(expectTag(algorithm, 0x30))[0]),
    id: { nameHash: expectTag(nameHash, 0x04).contents, keyHash: expectTag(keyHash, 0x04).contents, serial: readIntegerContents(serial) },
  };
}

function readStatus(value: DerValue | undefined): SingleAnswer['status'] {
  if (value?.tag === 0x80 && value.contents.length === 0) return 'good';
  // When and why does not matter: a hold counts like any other reason.
  if (value?.tag === 0xa1) return 'revoked';
  if (value?.tag === 0x82 && value.contents.length === 0) return 'unknown';
  throw new MalformedDer('a status that is not known');
}

function readWrappedExtensions(value: DerValue | undefined): OcspResponse['extensions'] {
  return value === undefined ? new Map() : readExtensions(only(value, 0xa1));
}

/** The one value inside an explicit tag. */
function only(value: DerValue | undefined, tag: number): DerValue {
  const [inner, ...more] = readChildren(expectTag(value, tag));
  if (inner === undefined || more.length > 0) throw new MalformedDer('a tag around more than one value');
  return inner;
}
