import { Agent, request as httpsRequest } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import type { Http2Client } from '../walk/http2-client.ts';
import { openHttp2 } from '../walk/http2-client.ts';
import type { Socket } from '../walk/web-socket.ts';
import { dial } from '../walk/web-socket.ts';
import type { Outcome } from './load.ts';
import type { Person, Scene } from './scene.ts';
import { appHost } from './scene.ts';

/** One connection of one person, opened again when it broke. */
export interface Client {
  readonly name: string;
  readonly person: Person;
  /** Never rejects. */
  ask(nonce: string, method: 'GET' | 'POST'): Promise<Heard>;
  close(): void;
}

export interface Heard {
  readonly outcome: Outcome;
  /** For whoever has to find out why it came. */
  readonly detail: string;
  /** Whatever the fault is, this must not have come. */
  readonly complaint: string | undefined;
  readonly generation?: number | undefined;
}

type Headers = Readonly<Record<string, string>>;

export function openHttp1Client({ port, pki }: Scene, person: Person, headers: Headers): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    name: 'http1',
    person,
    close: () => agent.destroy(),
    ask: (nonce, method) =>
      new Promise((resolve) => {
        const options = {
          host: '127.0.0.1',
          port,
          servername: appHost,
          path: '/echo',
          method,
          agent,
          ca: pki.serverCa.certificatePem,
          headers: { ...headers, ...fieldsOf(person, nonce), host: `${appHost}:${port}` },
        };
        const lose = (error: Error): void => resolve(lost(error));
        const request = httpsRequest(options, (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
          response
            .on('error', lose)
            .on('end', () => resolve(judge({ status: response.statusCode ?? 0, headers: response.headers, body }, person, nonce, method)));
        });
        request.on('error', lose).end(method === 'POST' ? nonce : undefined);
      }),
  };
}

export function openHttp2Client(scene: Scene, person: Person, headers: Headers): Client {
  let client: Http2Client | undefined;
  return {
    name: 'http2',
    person,
    close: () => client?.session.destroy(),
    async ask(nonce, method) {
      try {
        if (client === undefined || client.session.closed || client.session.destroyed) client = await openHttp2(scene, appHost);
        const body = method === 'POST' ? { body: nonce } : {};
        const answer = await client.ask({ method, path: '/echo', headers: { ...headers, ...fieldsOf(person, nonce) }, ...body });
        // Postern was killed before it answered: no status, and no error either.
        if (answer.status === 0) return lost(new Error('the stream ended without an answer'));
        return judge(answer, person, nonce, method);
      } catch (error) {
        client?.session.destroy();
        return lost(error);
      }
    },
  };
}

export function openSocketClient(scene: Scene, person: Person): Client {
  let socket: Socket | undefined;
  let heard: ((message: string | undefined) => void) | undefined;

  async function open(): Promise<Socket | number> {
    const dialled = await dial(scene, appHost, { headers: { cookie: person.cookie } });
    if (dialled.kind === 'refused') return dialled.status;
    const { socket: opened } = dialled;
    opened.on('message', (message) => heard?.(message.toString()));
    opened.on('close', () => {
      if (socket === opened) socket = undefined;
      heard?.(undefined);
    });
    return opened;
  }

  return {
    name: 'socket',
    person,
    close: () => socket?.terminate(),
    async ask(nonce) {
      try {
        const opened = socket ?? (await open());
        if (typeof opened === 'number') return { outcome: opened, detail: 'the upgrade was refused', complaint: undefined };
        socket = opened;
        const { promise, resolve } = Promise.withResolvers<string | undefined>();
        heard = resolve;
        opened.send(nonce);
        const message = await promise;
        if (message === undefined) return { outcome: 'closed', detail: 'the WebSocket closed', complaint: undefined };
        return judgeEcho(JSON.parse(message) as Echo, person, nonce, 'echoed');
      } catch (error) {
        socket = undefined;
        return lost(error);
      }
    },
  };
}

interface Echo {
  readonly nonce?: string;
  readonly email?: string;
  readonly method?: string;
  readonly body?: string;
  readonly generation?: string;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function judge({ status, headers, body }: Answer, person: Person, nonce: string, method: string): Heard {
  const detail = body.slice(0, 200);
  // Nobody who has a session may be given another one beside it.
  const cookies = String(headers['set-cookie'] ?? '');
  if (/_pomerium=[^;]/.test(cookies)) return { outcome: status, detail, complaint: `a session was handed out with ${status}` };
  if (status !== 200) {
    const others = /[a-z0-9]+@example\.com/.exec(body)?.[0];
    const told = others !== undefined && others !== person.email;
    return { outcome: status, detail, complaint: told ? `the answer ${status} tells of ${others}` : undefined };
  }
  const echo = JSON.parse(body) as Echo;
  if (echo.method !== method || echo.body !== (method === 'POST' ? nonce : ''))
    return { outcome: status, detail, complaint: `the answer is to ${echo.method} with "${echo.body}", not to ${method}` };
  return judgeEcho(echo, person, nonce, status);
}

function judgeEcho(echo: Echo, person: Person, nonce: string, outcome: Outcome): Heard {
  const detail = JSON.stringify(echo);
  const own = echo.nonce === nonce && echo.email === person.email;
  const generation = echo.generation === undefined ? undefined : Number(echo.generation);
  return { outcome, detail, generation, complaint: own ? undefined : `somebody else's answer instead of ${nonce}: ${detail}` };
}

function fieldsOf({ cookie }: Person, nonce: string): Headers {
  return { cookie, accept: 'text/html', 'x-nonce': nonce };
}

function lost(error: unknown): Heard {
  return { outcome: 'lost', detail: error instanceof Error ? error.message : String(error), complaint: undefined };
}
