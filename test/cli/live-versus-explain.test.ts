import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sample } from 'fast-check';
import type { ProviderServer } from '../identity/provider-server.ts';
import { openProvider } from '../identity/provider-server.ts';
import type { House } from '../walk/house.ts';
import { freePort } from '../free-ports.ts';
import { openHouse } from '../walk/house.ts';
import { Visitor } from '../walk/visitor.ts';
import type { Asked } from './asked-requests.ts';
import { askedRequests, differentlyRead } from './asked-requests.ts';
import type { KeepingUpstream } from './keeping-upstream.ts';
import { openKeepingUpstream } from './keeping-upstream.ts';
import type { Answered, Street } from './live-and-explained.ts';
import { openStreet } from './live-and-explained.ts';
import { crowdedConfig, crowdedHosts, plainConfig, plainHosts, sessionHosts } from './live-configurations.ts';

/** What `explain` says and what the server does are one thing: here the same requests are put to both. */
describe('explain and the running server', () => {
  let upstream: KeepingUpstream;
  let unix: KeepingUpstream;
  const socket = join(tmpdir(), `postern-live-${process.pid}.sock`);

  before(async () => {
    upstream = await openKeepingUpstream();
    unix = await openKeepingUpstream({ path: socket });
  });

  after(async () => {
    await upstream[Symbol.asyncDispose]();
    await unix[Symbol.asyncDispose]();
    await rm(socket, { force: true });
  });

  describe('with sessions, certificates and every kind of route', () => {
    let house: House;
    let provider: ProviderServer;
    let redirectPort: number;
    const visitors = new Map<string, Visitor>();

    before(async () => {
      const port = await freePort();
      redirectPort = await freePort();
      provider = await openProvider(`https://auth.postern.test:${port}`);
      house = await openHouse({ port, config: crowdedConfig({ provider, upstream, unix, redirectPort }) });
      for (const account of ['alice', 'bob']) {
        provider.account = account;
        const visitor = new Visitor(house, provider);
        // A session of its own at every host that knows sessions: cookies are worth nothing elsewhere.
        for (const host of sessionHosts) await visitor.arrive(`https://${host}.postern.test:${port}/.pomerium/user`);
        visitors.set(account, visitor);
      }
    });

    after(async () => {
      await house[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    });

    it('agree about 350 requests', async () => {
      const drawn = sample(askedRequests(crowdedHosts), { numRuns: 350, seed: 5 }).map(withSessions);
      const seen = await compare({ house, upstreams: [upstream, unix], visitors, plainPort: undefined }, drawn);
      seen.includesAll([
        'allow 200',
        'allow 308',
        'allow 302',
        'allow 410',
        'sign-in 302',
        'sign-in 401',
        'deny 403',
        'deny 495',
        'not-found 404',
        'misdirected 421',
        'bad-request 400',
        'bad-request 405',
        'own 200',
        'own 404',
      ]);
      // Each of them leads somewhere, or its keys were never compared.
      seen.includesAll(['open', 'prefix', 'regex', 'below', 'named', 'tenant', 'token', 'away', 'elsewhere', 'gone', 'unix']);
      seen.includesAll(['desk', 'admins', 'claims', 'cors', 'cluster', 'dated', 'a', 'b', 'mixed-a', 'wild', 'ported', 'covered']);
    });

    it('agree about 30 requests without TLS, to the listener that redirects', async () => {
      const drawn = sample(askedRequests(crowdedHosts), { numRuns: 30, seed: 7 }).map((asked) => ({ ...asked, person: 'nobody' as const }));
      const seen = await compare({ house, upstreams: [upstream, unix], visitors, plainPort: redirectPort }, drawn);
      seen.includesAll(['own 301', 'bad-request 400']);
    });
  });

  const variants: readonly (readonly [name: string, keys: string, wanted: readonly string[]])[] = [
    ['escaped slashes that are kept', 'path_with_escaped_slashes_action: keep_unchanged', ['allow 200']],
    ['escaped slashes that are resolved', 'path_with_escaped_slashes_action: unescape_and_forward', ['allow 200', 'own 401']],
    ['escaped slashes that are redirected', 'path_with_escaped_slashes_action: unescape_and_redirect\nmerge_slashes: false', ['own 307']],
    ['names with underscores that are dropped', 'headers_with_underscores_action: drop_header', ['allow 200']],
    ['names with underscores that pass', 'headers_with_underscores_action: allow\nskip_xff_append: true', ['allow 200']],
    ['a listener without TLS', 'insecure_server: true\nheaders_with_underscores_action: drop_header', ['allow 200', 'deny 403']],
  ];

  for (const [name, keys, wanted] of variants) {
    it(`agree about 20 requests with ${name}`, async () => {
      await using house = await openHouse({ config: `${keys}\n${plainConfig(upstream)}` });
      const plainPort = keys.startsWith('insecure_server') ? house.port : undefined;
      const drawn = differentlyRead(sample(askedRequests(plainHosts), { numRuns: 20, seed: 11 }));
      const seen = await compare({ house, upstreams: [upstream], visitors: new Map(), plainPort }, drawn);
      seen.includesAll([...wanted, 'bad-request 400']);
    });
  }
});

/** On hosts without sessions everybody is nobody. */
function withSessions(asked: Asked): Asked {
  return sessionHosts.includes(asked.host) ? asked : { ...asked, person: 'nobody' };
}

interface Seen {
  includesAll(wanted: readonly string[]): void;
}

async function compare(street: Street, drawn: readonly Asked[]): Promise<Seen> {
  await using open = await openStreet(street);
  const answers: Answered[] = [];
  // A few at a time: a server has more than one request in its hands.
  for (let start = 0; start < drawn.length; start += 10)
    answers.push(
      ...(await Promise.all(
        drawn.slice(start, start + 10).map(async (asked, index) => {
          const { live, explained } = await open.askBoth(asked, `${start + index}`);
          assert.deepEqual(live, explained, JSON.stringify(asked));
          return explained;
        }),
      )),
    );
  return {
    includesAll(wanted) {
      const seen = new Set(answers.flatMap(({ decision, status, route }) => [`${decision} ${status}`, ...(route === null ? [] : [route])]));
      const missing = wanted.filter((each) => !seen.has(each));
      assert.deepEqual(missing, [], `only ${[...seen].join(', ')} came up`);
    },
  };
}
