// The upstream of the faults: `node upstream-program.ts PORT FILE`. It answers with what it was told of the visitor and with the nonce of
// the request, and writes into FILE which nonces it got, before it answers, so that being killed makes it forget none.

import { appendFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Socket } from '../walk/web-socket.ts';

const [port, file = ''] = process.argv.slice(2);
const specifier: string = 'ws';
const { WebSocketServer } = (await import(specifier)) as {
  WebSocketServer: new (options: unknown) => {
    on(event: 'connection', listener: (socket: Socket, request: IncomingMessage) => void): void;
  };
};
const streams = new Set<ServerResponse>();

const server = createServer((request, response) => {
  const path = new URL(request.url ?? '/', 'http://upstream').pathname;
  if (path === '/events') return stream(request, response);
  if (path === '/bytes') return void response.end(Buffer.alloc(4 * 1024 * 1024, 'x'));
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (request.headers['x-close'] !== undefined) response.shouldKeepAlive = false;
    setTimeout(() => answer(request, response, Buffer.concat(chunks).toString()), path === '/slow' ? 700 : 0);
  });
});

function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
  const { method = '', headers } = request;
  const nonce = headers['x-nonce'];
  if (nonce !== undefined) appendFileSync(file, `${method} ${String(nonce)}\n`);
  const { 'x-pomerium-claim-email': email, 'x-generation': generation } = headers;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ method, nonce, email, generation, body }));
}

function stream({ headers }: IncomingMessage, response: ServerResponse): void {
  streams.add(response);
  response.on('close', () => streams.delete(response));
  response.setHeader('content-type', 'text/event-stream');
  response.write(`data: ${String(headers['x-pomerium-claim-email'])}\n\n`);
}

new WebSocketServer({ server }).on('connection', (socket, request) => {
  const email = request.headers['x-pomerium-claim-email'];
  socket.on('error', () => socket.terminate());
  socket.on('message', (nonce) => socket.send(JSON.stringify({ nonce: nonce.toString(), email })));
});

// Every stream ends as a stream should.
process.on('SIGUSR2', () => {
  for (const response of streams) response.end('data: end\n\n');
});

server.keepAliveTimeout = 600_000;
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
// Whatever ended the parent, nothing is left behind.
process.stdin.on('end', () => process.exit()).resume();
