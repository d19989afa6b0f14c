import assert from 'node:assert/strict';
import { Browser } from '../identity/browser.ts';
import type { ProviderServer } from '../identity/provider-server.ts';
import { followProvider } from '../identity/provider-server.ts';
import type { Answer, AskOptions, House } from './house.ts';
import { ask } from './house.ts';

/** Somebody with a cookie jar, in front of a house; follows redirects when told to, through the provider too. */
export class Visitor {
  readonly jar: Browser = new Browser();
  readonly #house: Pick<House, 'port' | 'pki'>;
  readonly #provider: Pick<ProviderServer, 'issuer'> | undefined;

  constructor(house: Pick<House, 'port' | 'pki'>, provider?: Pick<ProviderServer, 'issuer'>) {
    this.#house = house;
    this.#provider = provider;
  }

  /** One request, cookies sent and kept; the redirect it may answer with is not followed. */
  async visit(url: string, options: AskOptions = {}): Promise<Answer> {
    const cookie = this.jar.cookies(url);
    const headers = { accept: 'text/html', ...(cookie === '' ? {} : { cookie }), ...options.headers };
    const answer = await ask(this.#house, url, { ...options, headers });
    this.jar.keep(url, answer.headers['set-cookie'] ?? []);
    return answer;
  }

  /** Visits and follows every redirect, signing in at the provider on the way; gives the last answer and the addresses passed. */
  async arrive(url: string, options: AskOptions = {}): Promise<{ readonly answer: Answer; readonly way: readonly string[] }> {
    const way = [url];
    for (let hops = 0; hops < 15; hops += 1) {
      const at = way.at(-1) ?? url;
      const answer = await this.visit(at, options);
      const { location } = answer.headers;
      if (location === undefined) return { answer, way };
      const next = new URL(location, at).href;
      const provider = this.#provider;
      way.push(provider !== undefined && next.startsWith(provider.issuer.origin) ? await followProvider(provider, this.jar, next) : next);
    }
    return assert.fail(`redirected in circles: ${way.join(' → ')}`);
  }
}
