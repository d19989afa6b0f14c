import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Secret } from '../../src/config/secret.ts';
import { ProxyFailure } from '../../src/http/proxy-failure.ts';
import type { Provider } from '../../src/identity/provider.ts';
import { createProvider } from '../../src/identity/provider.ts';
import type { FakeProvider } from './fake-provider.ts';
import { createFakeProvider } from './fake-provider.ts';

interface Opened {
  readonly provider: Provider;
  readonly fake: FakeProvider;
  readonly asked: string[];
  readonly warnings: string[];
  now: number;
}

function silent(): void {}

function open(): Opened {
  const fake = createFakeProvider();
  const [asked, warnings]: [string[], string[]] = [[], []];
  const opened: Opened = {
    fake,
    asked,
    warnings,
    now: 0,
    provider: createProvider({
      settings: {
        kind: 'oidc',
        issuer: fake.issuer,
        clientId: 'postern',
        clientSecret: new Secret('s:e c'),
        scopes: ['openid', 'email'],
        requestParams: {},
        anyTenant: false,
      },
      now: () => opened.now,
      log: { debug: silent, info: silent, error: silent, warn: (_, message) => void warnings.push(message) },
      fetch: async (input, init) => {
        asked.push(new URL(input instanceof Request ? input.url : input).pathname);
        return fake.fetch(input, init);
      },
    }),
  };
  return opened;
}

function isUnreachable(error: unknown): boolean {
  return error instanceof ProxyFailure && error.code === 'provider-unreachable';
}

const discoveryPath = '/.well-known/openid-configuration';

describe('createProvider()', () => {
  it('asks nothing before it is needed, and once for an hour then', async () => {
    const opened = open();
    assert.deepEqual([opened.provider.scope, opened.asked], ['openid email', []]);
    await Promise.all([opened.provider.configuration(), opened.provider.configuration()]);
    opened.now = 3_599_999;
    await opened.provider.configuration();
    assert.deepEqual(opened.asked, [discoveryPath]);
    opened.now = 3_600_000;
    await opened.provider.configuration();
    assert.deepEqual(opened.asked, [discoveryPath, discoveryPath]);
  });

  it('tries again after a failure, one for all and not before five seconds are over', async () => {
    const opened = open();
    const { provider, fake, asked } = opened;
    fake.behave({ down: true });
    const storm = async (): Promise<void> => {
      const all = await Promise.allSettled(Array.from({ length: 100 }, async () => provider.reachable()));
      assert.ok(all.every((one) => one.status === 'rejected' && isUnreachable(one.reason)));
    };
    await storm();
    opened.now = 4_999;
    fake.behave({});
    await storm();
    assert.equal(asked.length, 1);
    opened.now = 5_000;
    assert.equal((await provider.configuration()).serverMetadata().issuer, 'https://idp.example.com');
    fake.behave({ down: true });
    opened.now = 64_999;
    await provider.reachable();
    assert.equal(asked.length, 2);
    opened.now = -60_000;
    await assert.rejects(provider.reachable(), isUnreachable, 'a clock that was set back makes nothing fresh');
  });

  it('sends nobody to a provider that is gone, though it knows where it was', async () => {
    const opened = open();
    const { provider, fake } = opened;
    const known = await provider.reachable();
    fake.behave({ down: true });
    opened.now = 60_000;
    await assert.rejects(provider.reachable(), isUnreachable);
    assert.equal(await provider.configuration(), known, 'while sessions are refreshed by what is known');
    opened.now = 65_000;
    fake.behave({ metadata: { issuer: 'https://evil.example' } });
    assert.equal(await provider.reachable(), known, 'a document that is broken is one for its owner to mend');
    opened.now = 70_000;
    fake.behave({});
    assert.equal(await provider.reachable(), known, 'the same object, which knows the keys');
    opened.now = 130_000;
    fake.behave({ metadata: { end_session_endpoint: 'https://idp.example.com/end' } });
    assert.equal((await provider.reachable()).serverMetadata().end_session_endpoint, 'https://idp.example.com/end');
  });

  it('goes on with what it knows when the document can not be read again', async () => {
    const opened = open();
    const known = await opened.provider.configuration();
    opened.fake.behave({ down: true });
    opened.now = 3_600_000;
    assert.equal(await opened.provider.configuration(), known);
    assert.equal(opened.warnings.length, 1);
  });

  it('does without user info where there is none', async () => {
    const { provider, fake, asked } = open();
    fake.behave({ metadata: { userinfo_endpoint: undefined } });
    assert.deepEqual([await provider.userInfo('access', 'alice'), asked], [undefined, [discoveryPath]]);
  });

  it('goes on without user info that fails', async () => {
    const { provider, fake, warnings } = open();
    await provider.configuration();
    fake.behave({ down: true });
    assert.deepEqual([await provider.userInfo('access', 'alice'), warnings.length], [undefined, 1]);
  });
});
