import { request as plainRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { request as tlsRequest } from 'node:https';

export interface Answer {
  readonly url: URL;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface VisitorOptions {
  readonly ca: string;
  /** The certificate this visitor presents where one is asked for. */
  readonly identity?: { readonly cert: string; readonly key: string };
}

export interface Visitor {
  /** One request, cookies included, redirects not followed. */
  get(url: string | URL, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  post(url: string | URL, form: Readonly<Record<string, string>>): Promise<Answer>;
  /** Follows redirects from this answer on until there are no more. */
  follow(answer: Answer): Promise<Answer>;
}

/** As much of a browser as a walk through the demo needs: names under localhost, cookies for each host, forms. */
export function createVisitor({ ca, identity }: VisitorOptions): Visitor {
  const cookies = new Map<string, Map<string, string>>();

  function send(method: string, url: URL, headers: Readonly<Record<string, string>>, body = ''): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const jar = cookies.get(url.hostname) ?? new Map<string, string>();
    cookies.set(url.hostname, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const options = {
      method,
      host: '127.0.0.1',
      port: url.port,
      path: url.pathname + url.search,
      servername: url.hostname,
      headers: { host: url.host, ...(cookie === '' ? {} : { cookie }), ...headers },
      agent: false,
    };
    const request = url.protocol === 'https:' ? tlsRequest({ ...options, ca, ...identity }) : plainRequest(options);
    request.on('error', reject).on('response', (response) => {
      for (const line of response.headers['set-cookie'] ?? []) keep(jar, line);
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response
        .on('error', reject)
        .on('end', () => resolve({ url, status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    request.end(body);
    return promise;
  }

  const visitor: Visitor = {
    get: (url, headers = {}) => send('GET', new URL(url), headers),
    post: (url, form) => {
      const { origin } = new URL(url);
      const headers = { 'content-type': 'application/x-www-form-urlencoded', origin };
      return send('POST', new URL(url), headers, new URLSearchParams(form).toString());
    },
    async follow(answer) {
      let at = answer;
      for (let hop = 0; at.headers.location !== undefined; hop += 1) {
        if (hop === 20) throw new Error(`${answer.url.href} redirects for ever`);
        at = await visitor.get(new URL(at.headers.location, at.url));
      }
      return at;
    },
  };
  return visitor;
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';');
  const split = pair.indexOf('=');
  const name = pair.slice(0, split).trim();
  const isGone = attributes.some((each) => /^\s*(max-age=0|expires=Thu, 01 Jan 1970.*)$/i.test(each));
  if (isGone) jar.delete(name);
  else jar.set(name, pair.slice(split + 1));
}
