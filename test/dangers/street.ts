import type { ProviderServer } from '../identity/provider-server.ts';
import { openProvider } from '../identity/provider-server.ts';
import type { House } from '../walk/house.ts';
import { freePort } from '../free-ports.ts';
import { openHouse } from '../walk/house.ts';
import { Visitor } from '../walk/visitor.ts';
import { signInKeys } from '../walk/sign-in-keys.ts';

/** A house with a provider in front of which people sign in. */
export interface Street extends AsyncDisposable {
  readonly house: House;
  readonly provider: ProviderServer;
  url(host: string, path?: string): string;
  authority(host: string): string;
  /** Signs somebody in at a host and gives the `Cookie` of it. */
  cookieAt(host: string): Promise<string>;
}

/** `routes` is the YAML of the routes; further keys may stand before them. */
export async function openStreet(config: string): Promise<Street> {
  const port = await freePort();
  const provider = await openProvider(`https://auth.postern.test:${port}`);
  const signIn = `
${signInKeys(provider)}
idp_scopes: [openid, profile, email, offline_access]
pass_identity_headers: true
`;
  const house = await openHouse({ port, config: signIn + config });
  const authority = (host: string): string => `${host}.postern.test:${port}`;
  const url = (host: string, path = '/'): string => `https://${authority(host)}${path}`;
  return {
    house,
    provider,
    url,
    authority,
    async cookieAt(host) {
      const visitor = new Visitor(house, provider);
      await visitor.arrive(url(host));
      return visitor.jar.cookies(url(host));
    },
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}
