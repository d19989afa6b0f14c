import type { HeaderList } from '../http/header-list.ts';
import { headerValue } from '../http/header-list.ts';
import type { Reply } from '../http/reply.ts';

export interface GrpcRefusal {
  /** The HTTP status that anybody else would be told. */
  readonly status: number;
  readonly message: string;
  /** The request's: its content type is answered in kind, as gRPC-Web wants its own. */
  readonly headers: HeaderList;
  /** Replaces the `grpc-status` that goes with `status`. */
  readonly code?: number | undefined;
  readonly extraHeaders?: HeaderList;
}

/** A gRPC answer without messages: HTTP status 200, and what went wrong in headers ("Trailers-Only" of the gRPC protocol over HTTP/2). */
export function grpcReply({ status, message, headers, code, extraHeaders = [] }: GrpcRefusal): Reply {
  return {
    status: 200,
    headers: [
      'Content-Type',
      answerType(headers),
      'Cache-Control',
      'no-store',
      'grpc-status',
      String(code ?? grpcCodes.get(status) ?? unknownError),
      'grpc-message',
      percentEncoded(message),
      ...extraHeaders,
    ],
    body: '',
  };
}

const unknownError = 2;
const unavailable = 14;

// "HTTP to gRPC status code mapping" of the gRPC documentation, to which every other status is unknown; and what it means that a client
// certificate is missing or bad, as nobody but us answers 495.
const grpcCodes: ReadonlyMap<number, number> = new Map([
  [400, 13],
  [401, 16],
  [403, 7],
  [404, 12],
  [429, unavailable],
  [502, unavailable],
  [503, unavailable],
  [495, 16],
  [504, unavailable],
]);

const grpcType = /^application\/grpc(?:-web(?:-text)?)?(?:\+[a-z0-9.-]{1,32})?$/;

function answerType(headers: HeaderList): string {
  const asked = (headerValue(headers, 'content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return grpcType.test(asked) ? asked : 'application/grpc';
}

/** Bytes outside printable ASCII, and `%`, in percent-encoding, as `grpc-message` wants it. */
function percentEncoded(message: string): string {
  return Array.from(Buffer.from(message, 'utf8'), (byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x25 ? `%${byte.toString(16).toUpperCase().padStart(2, '0')}` : String.fromCharCode(byte),
  ).join('');
}
