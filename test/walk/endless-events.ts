import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AskOptions, House } from './house.ts';

/** For `openUpstream`: `/silent` never answers, `/short` does, and everything else tells of an event every 50 ms and never ends. */
export function tickForEver({ url = '' }: IncomingMessage, response: ServerResponse): void {
  if (url === '/silent') return;
  if (url === '/short') return void response.end('short');
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const timer = setInterval(() => response.write('data: tick\n\n'), 50);
  response.on('close', () => clearInterval(timer));
  response.write('data: tick\n\n');
}

export interface EventStream {
  /** How it ended. */
  readonly end: Promise<string>;
  readonly state: () => string;
  readonly close: () => void;
}

/** Opens `/events` of a host over HTTP/1.1 and reads on. */
export async function openEvents(
  { port, pki }: Pick<House, 'port' | 'pki'>,
  host: string,
  { headers = {}, client }: Pick<AskOptions, 'headers' | 'client'> = {},
): Promise<EventStream> {
  const request = httpsRequest({
    host: '127.0.0.1',
    port,
    path: '/events',
    servername: `${host}.postern.test`,
    headers: { host: `${host}.postern.test:${port}`, ...headers },
    ca: pki.serverCa.certificatePem,
    agent: false,
    ...(client === undefined ? {} : { cert: client.certificatePem, key: client.keyPem }),
  });
  request.on('error', () => undefined);
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  assert.equal(response.statusCode, 200);
  response.resume();
  let state = 'open';
  const end = new Promise<string>((resolve) => {
    response.on('error', () => resolve((state = 'connection closed')));
    response.on('end', () => resolve((state = 'looks whole')));
  });
  return { end, state: () => state, close: () => request.destroy() };
}
