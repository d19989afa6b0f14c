import { isLoopback } from './safe-address.ts';

/** Where a program waits for its session token, as one reader sees it. */
export interface ProgrammaticRedirect {
  readonly href: string;
  readonly hostname: string;
}

const printable = /^[\x21-\x7e]+$/;
// It travels in the query of two more URLs, and servers refuse request lines beyond 8 KB.
const longest = 1_500;
const authorityOf = /^https?:\/\/([^/?]*)/;

/**
 * Reads a URL that somebody wants a session token sent to; undefined unless it leads to one of `hosts` (`localhost`: every name and address
 * of the machine itself). Anybody can ask for a sign-in that ends anywhere, and whoever signs in is somebody else (CVE-2021-29651): what
 * this host is compared with, and what the browser is sent to, is what one reader made of the text.
 */
export function readProgrammaticRedirect(text: string, hosts: readonly string[]): ProgrammaticRedirect | undefined {
  if (text.length > longest || !printable.test(text) || /[\\#]/.test(text) || !URL.canParse(text)) return undefined;
  const [, authority] = authorityOf.exec(text) ?? [];
  if (authority === undefined || authority === '' || authority.includes('@')) return undefined;
  const url = new URL(text);
  if ((url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '' || url.password !== '' || url.hash !== '')
    return undefined;
  // The program would find two of them.
  if (url.searchParams.has('pomerium_jwt')) return undefined;
  const { hostname, href } = url;
  return hosts.some((host) => (host === 'localhost' ? isLoopback(hostname) : host === hostname)) ? { href, hostname } : undefined;
}
