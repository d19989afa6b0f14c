import { AnswerParser } from '../../../src/upstream/transports/answer-parser.ts';

/** What a reader makes of bytes that came as the answer to one request. */
export interface AnswerReading {
  /** `whole`: the answer ended. `part`: it may go on. `broken`: it is none. */
  readonly outcome: 'whole' | 'part' | 'broken';
  /** Of every head, interim ones included: its status, and its fields as they were written. */
  readonly heads: readonly (readonly [status: number, fields: readonly string[]])[];
  readonly body: string;
  readonly trailers: readonly string[];
  readonly persists: boolean;
}

export interface Circumstances {
  readonly method: string;
  /** Whether the upstream closes the connection behind the bytes. */
  readonly closes: boolean;
}

/** Feeds our parser with bytes in these pieces; `used` counts those that belong to an answer that is whole. */
export function readByUs(pieces: readonly Buffer[], { method, closes }: Circumstances): AnswerReading & { readonly used: number } {
  const parser = new AnswerParser();
  const heads: (readonly [number, readonly string[]])[] = [];
  const body: Buffer[] = [];
  let used = 0;
  const readingOf = (outcome: AnswerReading['outcome']) => ({
    outcome,
    heads,
    body: Buffer.concat(body).toString('latin1'),
    trailers: parser.trailers,
    persists: parser.persists,
    used: outcome === 'whole' ? used : 0,
  });
  parser.begin(method === 'HEAD');
  for (const piece of pieces) {
    // The parser may change what it reads.
    const bytes = Buffer.from(piece);
    parser.feed(bytes, bytes.length);
    for (let part = parser.next(); part !== 'more'; part = parser.next()) {
      if (part === 'broken') return readingOf('broken');
      if (part === 'head') heads.push([parser.status, parser.fields]);
      if (part === 'body') body.push(Buffer.from(bytes.subarray(parser.bodyFrom, parser.bodyTo)));
      if (part === 'end') {
        used += bytes.length - parser.left;
        return readingOf('whole');
      }
    }
    used += bytes.length;
  }
  return readingOf(closes && parser.close() ? 'whole' : 'part');
}
