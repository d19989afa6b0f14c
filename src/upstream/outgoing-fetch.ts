import { Agent, fetch as undiciFetch } from 'undici';

// A provider that hangs must not hold a sign-in for longer than a person waits. Idle sockets are given up soon, so that they
// don't keep a stopping process alive.
const agent = new Agent({
  connect: { timeout: 5000 },
  headersTimeout: 10_000,
  bodyTimeout: 10_000,
  keepAliveTimeout: 1000,
  keepAliveMaxTimeout: 1000,
});

/**
 * `fetch` for requests of our own (the identity provider), over this program's undici: the copy inside Node is older, and
 * mixing the two breaks dispatchers. Follows no redirect: a provider's endpoints answer where discovery says they are.
 */
export const outgoingFetch: typeof fetch = (input, init) => {
  // Two declarations of one standard: the types of Node's copy and of the package differ in name only.
  const send = undiciFetch as unknown as (resource: unknown, options: unknown) => Promise<Response>;
  return send(input, { ...init, dispatcher: agent, redirect: init?.redirect ?? 'error' });
};
