import { constants } from 'node:http2';
import { errorCode } from '../error-code.ts';

export interface Http2FailureParts {
  /** What the upstream said in RST_STREAM (RFC 9113 section 7); undefined when the connection ended. */
  readonly resetCode: number | undefined;
  /** The connection had answered before. */
  readonly wasUsed: boolean;
  readonly cause: unknown;
}

/** Why an exchange over HTTP/2 has no whole answer. */
export class Http2Failure extends Error {
  readonly code: string;
  readonly resetCode: number | undefined;
  /** The upstream promised that it has not acted upon the request (RFC 9113 section 8.7). */
  readonly isUnprocessed: boolean;
  readonly wasUsed: boolean;

  constructor({ resetCode, wasUsed, cause }: Http2FailureParts) {
    super('The answer over HTTP/2 is not whole', { cause });
    this.code =
      resetCode === undefined ? (cause === undefined ? 'ERR_HTTP2_CONNECTION_ENDED' : errorCode(cause)) : `RST_STREAM ${nameOf(resetCode)}`;
    this.resetCode = resetCode;
    this.isUnprocessed = resetCode === constants.NGHTTP2_REFUSED_STREAM;
    this.wasUsed = wasUsed;
  }
}

function nameOf(resetCode: number): string {
  return names[resetCode] ?? String(resetCode);
}

const names = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];
