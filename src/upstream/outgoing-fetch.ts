import type { Agent } from 'undici';
import { clientContext } from './client-context.ts';
import { loadUndici } from './load-undici.ts';
import type { TrustedRoots } from './upstream-tls.ts';

/**
 * `fetch` for requests of our own (the identity provider), over this program's undici: the copy inside Node is older, and
 * mixing the two breaks dispatchers. Follows no redirect: a provider's endpoints answer where discovery says they are.
 */
export function createOutgoingFetch({ roots }: { readonly roots: TrustedRoots }): typeof fetch {
  let agent: Agent | undefined;
  return async (input, init) => {
    agent ??= openAgent(roots);
    // Two declarations of one standard: the types of Node's copy and of the package differ in name only.
    const send = loadUndici().fetch as unknown as (resource: unknown, options: unknown) => Promise<Response>;
    return limited(await send(input, { ...init, dispatcher: agent, redirect: init?.redirect ?? 'error' }));
  };
}

/**
 * A provider that hangs must not hold a sign-in for longer than a person waits. Idle sockets are given up soon, so that they don't keep a
 * stopping process alive.
 */
function openAgent(roots: TrustedRoots): Agent {
  return new (loadUndici().Agent)({
    connect: { timeout: 5000, secureContext: clientContext({ roots, client: undefined }), rejectUnauthorized: true },
    headersTimeout: 10_000,
    bodyTimeout: 10_000,
    keepAliveTimeout: 1000,
    keepAliveMaxTimeout: 1000,
  });
}

/** What a provider says of itself, its keys and a person is a few kilobytes, a hundred at most. */
const mostBytes = 2 ** 20;

/** The same answer, whose body fails beyond that size, counted as it is read: a small one may be unpacked to gigabytes (CVE-2026-50285). */
function limited(response: Response): Response {
  const { body, status, statusText, headers } = response;
  if (body === null) return response;
  let left = mostBytes;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(part, controller) {
      left -= part.length;
      if (left >= 0) controller.enqueue(part);
      else controller.error(new TypeError(`the answer is larger than ${mostBytes} bytes`));
    },
  });
  return new Response(body.pipeThrough(counted), { status, statusText, headers });
}
