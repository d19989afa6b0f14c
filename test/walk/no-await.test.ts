import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Exchange } from '../../src/http/exchange.ts';
import type { Inbound } from '../../src/http/inbound.ts';
import type { Reply } from '../../src/http/reply.ts';
import { handleRequest } from '../../src/handle-request.ts';
import { buildSession } from '../../src/identity/build-session.ts';
import { createSessionServices } from '../../src/identity/identity-parts.ts';
import type { Program } from '../../src/program.ts';
import type { Snapshot } from '../../src/snapshot.ts';
import type { UpstreamPool } from '../../src/upstream/create-pool.ts';
import { Deadlines } from '../../src/upstream/deadlines.ts';
import { inboundOf } from '../upstream/example-request.ts';
import { FakeSink } from '../upstream/forwarding.ts';
import { makePki } from './pki.ts';
import type { Built } from './program.ts';
import { build, programOf } from './program.ts';

const config = `
authenticate_service_url: https://auth.postern.test
idp_provider: oidc
idp_provider_url: https://idp.postern.test
idp_client_id: postern
idp_client_secret: secret
pass_identity_headers: true
jwt_claims_headers: [email]
routes:
  - from: https://app.postern.test
    to: http://127.0.0.1:9
    policy: {allow: {and: [{domain: {is: postern.test}}, {http_method: GET}, {source_ip: 192.0.2.0/24}]}}
`;

/** A promise in the way of every request costs a turn of the event loop and the memory of what waits: the walk makes none. */
describe('the walk of an allowed request with a warm session', () => {
  let built: Built;
  let program: Program;
  let cookie: string;
  const visited: string[] = [];
  const sinks: Sink[] = [];
  const dispatched: { readonly headers: readonly string[] }[] = [];

  before(async () => {
    built = await build(config, { pki: await makePki(), pool: fakePool() });
    assert.ok(built.result.ok);
    program = programOf(watched(built.result.snapshot), built.services);
    cookie = await signIn();
  });

  afterEach(() => sinks.splice(0).forEach((sink) => sink.close('aborted')));

  after(() => program.current.close());

  it('makes no promise between the request and its departure', async () => {
    await askCold();
    const sink = new Sink();
    const promises = countPromises(() => handleRequest(exchange(sink), program));
    assert.deepEqual([promises, dispatched.length], [0, 1]);
    const headers = new Map(pairs(dispatched[0]?.headers ?? []));
    assert.equal(headers.get('x-pomerium-claim-email'), 'alice@postern.test');
    assert.match(headers.get('x-pomerium-jwt-assertion') ?? '', /^[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  it('visits the rooms in their order, each once', async () => {
    await askCold();
    handleRequest(exchange(new Sink()), program);
    assert.deepEqual(visited, ['own page?', 'route', 'connection', 'certificate', 'who asks', 'may they', 'who they are', 'upstream']);
  });

  it('waits once for a session that has to be read, and walks again', async () => {
    const cold = new Sink();
    cookie = await signIn();
    handleRequest(exchange(cold), program);
    assert.equal(dispatched.length, 0);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(dispatched.length, 1);
    assert.equal(visited.filter((room) => room === 'who asks').length, 2);
  });

  it('sends nothing for a client that went away while the session was read', async () => {
    const cold = new Sink();
    cookie = await signIn();
    handleRequest(exchange(cold), program);
    cold.close('aborted');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([dispatched.length, cold.replies.length], [0, 0]);
  });

  function exchange(sink: Sink): Exchange {
    visited.length = 0;
    dispatched.length = 0;
    sinks.push(sink);
    return { inbound: request(), body: undefined, sink };
  }

  function request(): Inbound {
    return inboundOf({
      host: 'app.postern.test',
      target: '/page?x=1',
      headers: ['Accept', '*/*', 'Cookie', cookie],
      receivedAt: program.now(),
    });
  }

  /** One request that fills the cache. */
  async function askCold(): Promise<void> {
    handleRequest(exchange(new Sink()), program);
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Puts a session of alice's into the store, and answers the cookie for it. */
  async function signIn(): Promise<string> {
    const { services, document } = built;
    const { settings } = document;
    const sessions = createSessionServices({
      store: services.store,
      now: services.now,
      log: services.log,
      authenticate: settings.authenticate,
      provider: settings.identityProvider,
      cookie: settings.cookie,
      secrets: services.secrets,
    });
    const idTokenClaims = { sub: 'alice', email: 'alice@postern.test' };
    const grant = {
      idTokenClaims,
      userInfo: {},
      accessToken: undefined,
      idToken: undefined,
      refreshToken: undefined,
      accessExpiresAt: undefined,
    };
    const id = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
    const session = buildSession({ id, userId: 'alice', expiresAt: services.now() + 3_600_000, grant });
    await sessions.records.create(session);
    return sessions.cookie.write(inboundOf({ host: 'app.postern.test' }).authority.hostname, session).split(';')[0] ?? '';
  }

  function fakePool(): UpstreamPool {
    const transport = {
      dispatch(sent: { readonly headers: readonly string[] }) {
        visit('upstream');
        dispatched.push(sent);
      },
    };
    const endpoint = {
      url: 'http://127.0.0.1:9/',
      host: '127.0.0.1:9',
      target: { kind: 'tcp', hostname: '127.0.0.1', port: 9 },
      transport,
    };
    const deadlines = new Deadlines({ clock: () => performance.now() });
    return {
      key: 'fake',
      connectTimeoutMs: 1,
      deadlines,
      choose: () => endpoint,
      [Symbol.asyncDispose]: async () => {},
    } as unknown as UpstreamPool;
  }

  function visit(room: string): void {
    if (visited.at(-1) !== room) visited.push(room);
  }

  /** The same snapshot, telling what is looked at. */
  function watched(snapshot: Snapshot): Snapshot {
    for (const route of snapshot.routeList) {
      const { trust, policy } = route;
      Object.defineProperty(route, 'trust', { get: () => (visit('certificate'), trust) });
      Object.defineProperty(route, 'policy', { get: () => (visit('may they'), policy) });
    }
    return {
      ...snapshot,
      isAuthenticateHost: (authority) => (visit('own page?'), snapshot.isAuthenticateHost(authority)),
      get routes() {
        visit('route');
        return snapshot.routes;
      },
      get groups() {
        if (visited.at(-1) === 'route') visit('connection');
        return snapshot.groups;
      },
      identity: {
        ...snapshot.identity,
        loadSession: (inbound, bearer) => (visit('who asks'), snapshot.identity.loadSession(inbound, bearer)),
        identityHeaders: (person, audience, issuer) => (visit('who they are'), snapshot.identity.identityHeaders(person, audience, issuer)),
      },
    };
  }
});

class Sink extends FakeSink {
  readonly replies: Reply[] = [];

  override send(reply?: Reply): void {
    if (reply !== undefined) this.replies.push(reply);
  }
}

/** How many promises come into being while `run` does. */
function countPromises(run: () => void): number {
  let count = 0;
  const hook = createHook({
    init(_id, type) {
      if (type === 'PROMISE') count += 1;
    },
  }).enable();
  try {
    run();
  } finally {
    hook.disable();
  }
  return count;
}

function pairs(headers: readonly string[]): readonly (readonly [string, string])[] {
  return headers.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), headers[index + 1] ?? ''] as const] : []));
}
