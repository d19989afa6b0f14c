import type { ProviderServer } from '../../test/identity/provider-server.ts';
import { openProvider } from '../../test/identity/provider-server.ts';
import { Visitor } from '../../test/walk/visitor.ts';
import type { BenchFiles } from '../bench-files.ts';
import { appHost } from '../bench-files.ts';
import { awaitAnswer } from './await-answer.ts';

// A run with many candidates takes hours at worst, and nobody may have to sign in again in it.
const lifetimeSeconds = 12 * 3600;

/** The host with the sign-in of those candidates that have one of its own. */
export const authHost = 'auth.postern.test';

/** A real OpenID provider for one candidate, which redirects to `/oauth2/callback` at this host of the candidate. */
export function openProviderFor(host: string, port: number): Promise<ProviderServer> {
  return openProvider(`https://${host}:${port}`, lifetimeSeconds);
}

/** Signs in as a browser would and gives the cookies that are sent from then on; rejects where that does not end at the upstream. */
export async function signIn(name: string, files: BenchFiles, port: number, provider: ProviderServer): Promise<string> {
  await awaitAnswer(name, port, files);
  const url = `https://${appHost}:${port}/`;
  const visitor = new Visitor({ port, pki: files.pki }, provider);
  const { answer, way } = await visitor.arrive(url);
  if (answer.status !== 200) throw new Error(`Cannot sign in at ${name}: ${pathOf(way.at(-1) ?? url)} answered ${answer.status}`);
  return withoutEmpty(visitor.jar.cookies(url));
}

/** A cookie that was deleted by a date of the past is empty in the jar; a browser would not have it any more. A value may end with "=". */
export function withoutEmpty(cookies: string): string {
  return cookies
    .split('; ')
    .filter((each) => each.indexOf('=') < each.length - 1)
    .join('; ');
}

function pathOf(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname;
}
