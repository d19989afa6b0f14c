import { request } from 'node:http';
import type { Answer, Seen, SourceServer } from '../revocation/source-server.ts';
import { openSourceServer } from '../revocation/source-server.ts';

/** One address for every responder of a test, told apart by the path: what stands behind each can be changed while it is asked. */
export interface OcspFront extends AsyncDisposable {
  readonly server: SourceServer;
  /** The URL of a responder, for a certificate. */
  at(name: string): string;
  /** Puts something there: the URL of a responder to ask, or what is answered. */
  put(name: string, behind: string | Behind): void;
  /** How often it was asked. */
  asked(name: string): number;
}

export type Behind = (seen: Seen) => Answer | Promise<Answer>;

export async function openOcspFront(): Promise<OcspFront> {
  const behind = new Map<string, string | Behind>();
  const server = await openSourceServer((seen) => {
    const found = behind.get(seen.path) ?? nothing;
    return typeof found === 'string' ? relay(found, seen) : found(seen);
  });
  return {
    server,
    at: (name) => `${server.url}/${name}`,
    put: (name, what) => void behind.set(`/${name}`, what),
    asked: (name) => server.seen.filter(({ path }) => path === `/${name}`).length,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function nothing(): Answer {
  return (_, response) => response.writeHead(404).end();
}

function relay(url: string, { body }: Seen): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/ocsp-request', 'content-length': body.length };
    const asking = request(url, { method: 'POST', headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve(Buffer.concat(parts)));
    });
    asking.once('error', reject);
    asking.end(body);
  });
}
