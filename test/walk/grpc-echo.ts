import type {
  Client,
  ClientDuplexStream,
  MethodDefinition,
  sendUnaryData,
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  ServiceError,
} from '@grpc/grpc-js';
import { Metadata, Server, ServerCredentials } from '@grpc/grpc-js';
import type { Issued } from '../../src/certificate/issue-certificate.ts';

/** A genuine gRPC server with a method of each kind; its messages are text. */
export interface GrpcEcho extends AsyncDisposable {
  readonly port: number;
  /** What came with unary calls. */
  readonly seen: readonly Metadata[];
  /** When the last of them had to be answered, in milliseconds of the epoch; infinite without a deadline. */
  deadline(): number;
  /** Calls of `Chat` that were cancelled by the client. */
  cancelled(): Promise<void>;
}

export async function openGrpcEcho(tls: Issued | undefined): Promise<GrpcEcho> {
  const server = new Server();
  const seen: Metadata[] = [];
  let deadline = Infinity;
  const cancelled = Promise.withResolvers<void>();
  server.addService(service, {
    say(call: ServerUnaryCall<string, string>, answer: sendUnaryData<string>) {
      seen.push(call.metadata);
      deadline = Number(call.getDeadline());
      const [word, code] = call.request.split(' ', 2);
      if (word === 'fail') answer({ code: Number(code), details: 'no – really', metadata: metadataOf({ 'x-why': 'because' }) });
      else if (word !== 'late') {
        call.sendMetadata(metadataOf({ 'x-lead': 'ahead' }));
        answer(null, `you said ${call.request}`, metadataOf({ 'x-trailer': 'behind' }));
      }
    },
    count(call: ServerWritableStream<string, string>) {
      for (let number = 0; number < Number(call.request); number += 1) call.write(String(number));
      call.end(metadataOf({ 'x-trailer': 'counted' }));
    },
    join(call: ServerReadableStream<string, string>, answer: sendUnaryData<string>) {
      const parts: string[] = [];
      call.on('data', (part: string) => parts.push(part));
      call.on('end', () => answer(null, parts.join('+')));
    },
    chat(call: ServerDuplexStream<string, string>) {
      call.on('data', (text: string) => call.write(text.toUpperCase()));
      call.on('end', () => call.end());
      call.on('cancelled', () => cancelled.resolve());
      call.on('error', () => undefined);
    },
  });
  const security =
    tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(tls.certificatePem), private_key: Buffer.from(tls.keyPem) }]);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', security, (error, bound) => (error === null ? resolve(bound) : reject(error))),
  );
  return {
    port,
    seen,
    deadline: () => deadline,
    cancelled: () => cancelled.promise,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}

export interface UnaryOutcome {
  readonly text: string | undefined;
  readonly code: number;
  readonly details: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly trailers: Readonly<Record<string, unknown>>;
}

export function say(client: Client, text: string, sent: Readonly<Record<string, string>> = {}, withinMs = 10_000): Promise<UnaryOutcome> {
  return new Promise((resolve) => {
    let metadata = {};
    let found: readonly [error: ServiceError | null, text: string | undefined] = [null, undefined];
    const call = client.makeUnaryRequest(
      service.say.path,
      write,
      read,
      text,
      metadataOf(sent),
      { deadline: Date.now() + withinMs },
      (error, answer) => (found = [error, answer]),
    );
    call.on('metadata', (fields: Metadata) => (metadata = fields.getMap()));
    // Told after the answer.
    call.on('status', ({ code, details, metadata: fields }) =>
      setImmediate(() => resolve({ text: found[1], code, details, metadata, trailers: fields.getMap() })),
    );
  });
}

export async function count(client: Client, upTo: number): Promise<readonly string[]> {
  const numbers: string[] = [];
  for await (const number of client.makeServerStreamRequest(service.count.path, write, read, String(upTo))) numbers.push(String(number));
  return numbers;
}

export function join(client: Client, parts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = client.makeClientStreamRequest(service.join.path, write, read, (error: ServiceError | null, answer?: string) =>
      error === null ? resolve(answer ?? '') : reject(error),
    );
    for (const part of parts) call.write(part);
    call.end();
  });
}

export function chat(client: Client): ClientDuplexStream<string, string> {
  return client.makeBidiStreamRequest(service.chat.path, write, read);
}

function metadataOf(fields: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(fields)) metadata.set(name, value);
  return metadata;
}

const write = (text: string): Buffer => Buffer.from(text);
const read = (message: Buffer): string => message.toString();

function method(name: string, requestStream: boolean, responseStream: boolean): MethodDefinition<string, string> {
  return {
    path: `/demo.Echo/${name}`,
    requestStream,
    responseStream,
    requestSerialize: write,
    requestDeserialize: read,
    responseSerialize: write,
    responseDeserialize: read,
  };
}

const service = {
  say: method('Say', false, false),
  count: method('Count', false, true),
  join: method('Join', true, false),
  chat: method('Chat', true, true),
};
