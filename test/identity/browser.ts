import type { Inbound } from '../../src/http/inbound.ts';
import { request } from './request.ts';

interface Cookie {
  readonly value: string;
  readonly domain: string | undefined;
}

/** A jar of cookies with the rules that matter here: by host unless `Domain` says more, and gone with `Max-Age=0`. */
export class Browser {
  readonly #jars = new Map<string, Map<string, Cookie>>();

  request(url: string, method = 'GET'): Inbound {
    return request(url, this.cookies(url), method);
  }

  cookies(url: string): string {
    const { hostname } = new URL(url);
    const pairs: string[] = [];
    for (const [host, jar] of this.#jars)
      for (const [name, { value, domain }] of jar)
        if (host === hostname || (domain !== undefined && hostname.endsWith(`.${domain}`))) pairs.push(`${name}=${value}`);
    return pairs.join('; ');
  }

  cookie(url: string, name: string): string | undefined {
    return this.#jars.get(new URL(url).hostname)?.get(name)?.value;
  }

  keep(url: string, setCookies: readonly string[]): void {
    const { hostname } = new URL(url);
    for (const setCookie of setCookies) {
      const [pair = '', ...attributes] = setCookie.split('; ');
      const [name = '', ...value] = pair.split('=');
      const domain = attributes.find((each) => /^domain=/i.test(each))?.slice('domain='.length);
      const host = domain ?? hostname;
      const jar = this.#jars.get(host) ?? new Map<string, Cookie>();
      this.#jars.set(host, jar);
      if (attributes.some((each) => /^max-age=0$/i.test(each))) jar.delete(name);
      else jar.set(name, { value: value.join('='), domain });
    }
  }

  set(url: string, name: string, value: string): void {
    this.keep(url, [`${name}=${value}`]);
  }
}
