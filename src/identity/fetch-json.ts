import { ProxyFailure } from '../http/proxy-failure.ts';

export interface JsonAnswer {
  readonly status: number;
  /** Undefined unless the status is 200. */
  readonly body: unknown;
}

export interface JsonRequest {
  readonly fetch: typeof fetch;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** What a failure says was being done: `read the keys of …`. */
  readonly doing: string;
}

const timeoutMs = 10_000;
const largestBody = 512 * 1024;

/** A JSON document of an issuer, bounded in time and size; redirects are not followed. Throws a `ProxyFailure` for everything but an answer. */
export async function fetchJson({ fetch, url, headers, doing }: JsonRequest): Promise<JsonAnswer> {
  try {
    const answer = await fetch(url, {
      headers: { accept: 'application/json', ...headers },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (answer.status !== 200) {
      await answer.body?.cancel();
      if (answer.status >= 500 || isTooBusy(answer.status)) throw new Error(`status ${answer.status}`);
      return { status: answer.status, body: undefined };
    }
    const text = await readText(answer);
    return { status: 200, body: parse(text, doing) };
  } catch (error) {
    if (error instanceof ProxyFailure) throw error;
    throw new ProxyFailure('provider-unreachable', `Cannot ${doing}: ${url.host} does not answer`, { cause: error });
  }
}

/** Asked too often, or too slowly: a stranger's doing perhaps, and no answer to what was asked. */
function isTooBusy(status: number): boolean {
  return status === 429 || status === 408;
}

async function readText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    if (length > largestBody) throw new Error(`the answer is larger than ${largestBody} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string, doing: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What the parser says quotes the answer, which may hold somebody's claims.
    throw new ProxyFailure('provider-refused', `Cannot ${doing}: the answer is no JSON`);
  }
}

/** An object of a JSON text; undefined for a list and everything else. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
