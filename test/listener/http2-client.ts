import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { connect } from 'node:http2';
import type { SecureClientSessionOptions } from 'node:http2';

/** An HTTP/2 session with the loopback that trusts everybody. */
export function connectHttp2(port: number, options: SecureClientSessionOptions = {}): ClientHttp2Session {
  const session = connect(`https://127.0.0.1:${port}`, {
    rejectUnauthorized: false,
    servername: 'plain.test',
    maxHeaderListPairs: 4_000,
    ...options,
  });
  session.on('error', () => {});
  return session;
}

export interface Http2Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly trailers: Readonly<Record<string, unknown>> | undefined;
  readonly informational: readonly number[];
  readonly body: string;
  /** Whether the answer ended as one that is whole. */
  readonly ended: boolean;
  readonly rstCode: number;
}

/** Sends a request to plain.test and waits for its stream to close. */
export function askHttp2(session: ClientHttp2Session, headers: OutgoingHttpHeaders | string[], body?: Buffer): Promise<Http2Answer> {
  const list = Array.isArray(headers) ? headers : Object.assign({ ':authority': 'plain.test' }, headers);
  const stream = session.request(list, { endStream: body === undefined });
  stream.end(body);
  return readAnswer(stream);
}

export function readAnswer(stream: ClientHttp2Stream): Promise<Http2Answer> {
  const { promise, resolve } = Promise.withResolvers<Http2Answer>();
  const answer = {
    status: undefined as number | undefined,
    headers: {},
    trailers: undefined as Http2Answer['trailers'],
    informational: [] as number[],
  };
  let text = '';
  let ended = false;
  stream.on('headers', (fields) => answer.informational.push(fields[':status'] ?? 0));
  stream.on('response', (fields) => {
    answer.status = fields[':status'];
    answer.headers = { ...fields };
  });
  stream.on('trailers', (fields) => {
    answer.trailers = { ...fields };
  });
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  stream.on('end', () => {
    ended = !stream.aborted;
  });
  stream.on('error', () => {});
  stream.on('close', () => resolve({ ...answer, body: text, ended, rstCode: stream.rstCode ?? 0 }));
  return promise;
}
