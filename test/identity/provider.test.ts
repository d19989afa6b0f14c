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

  it('tries again after a failure', async () => {
    const { provider, fake } = open();
    fake.behave({ down: true });
    await assert.rejects(
      provider.configuration(),
      (error: unknown) => error instanceof ProxyFailure && error.code === 'provider-unreachable',
    );
    fake.behave({});
    assert.equal((await provider.configuration()).serverMetadata().issuer, 'https://idp.example.com');
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
