import { randomUUID } from 'node:crypto';
import { headerValue } from '../http/header-list.ts';
import type { Authority } from '../http/hostname.ts';
import type { Inbound } from '../http/inbound.ts';
import type { SignInServices } from './identity-parts.ts';
import type { IdentityOutcome, LoginBegun } from './identity.ts';
import type { ProgrammaticRedirect } from './programmatic-redirect.ts';
import { readProgrammaticRedirect } from './programmatic-redirect.ts';
import { refuse } from './refuse.ts';
import { originOf } from './return-url.ts';
import type { SessionTokens } from './session-token.ts';
import { signUrl, verifySignedUrl } from './signed-url.ts';
import { startSignIn } from './start-sign-in.ts';

export interface ProgrammaticLoginParts {
  readonly services: SignInServices;
  readonly tokens: SessionTokens;
  readonly redirectHosts: readonly string[];
}

// As long as a visitor may take at the provider, and a while to click.
const beganMs = 15 * 60_000;
// Longer than a URL is good for, the time for signing in and the skew of clocks included.
const rememberUsedMs = 30 * 60_000;

/** What a program is told that wants somebody to sign in for it: the URL to open in a browser, within five minutes. */
export function beginLogin({ services, redirectHosts }: ProgrammaticLoginParts, inbound: Inbound): LoginBegun {
  const [text, ...others] = new URLSearchParams(inbound.query).getAll('pomerium_redirect_uri');
  if (text === undefined || !services.isRouteHost(inbound.authority)) return { kind: 'nothing' };
  const redirect = others.length === 0 ? readProgrammaticRedirect(text, redirectHosts) : undefined;
  if (redirect === undefined) return refuse('redirect-refused');
  const parameters = { pomerium_redirect_uri: redirect.href, pomerium_login: randomUUID() };
  return { kind: 'url', url: signUrl(loginUrl(inbound.authority), parameters, { keys: services.urlKeys, at: services.now() }) };
}

/**
 * In the browser: signs somebody in at this host as ever, and then sends a token of the session to the program. It shows no page, as in
 * Pomerium: whoever opens a login URL that somebody else asked for hands their session to that program. So it ends only at listed hosts,
 * and only for a page of its own, not for a frame or an image of another site.
 */
export async function finishLogin(parts: ProgrammaticLoginParts, inbound: Inbound): Promise<IdentityOutcome> {
  const { services } = parts;
  const { urlKeys, now, cookie, cache, isRouteHost } = services;
  const signed = verifySignedUrl(loginUrl(inbound.authority), inbound.query, { keys: urlKeys, at: now() });
  if (signed.kind === 'invalid' || !isRouteHost(inbound.authority)) return refuse('login-url-invalid');
  const login = readLogin(parts, signed.parameters);
  if (login === undefined) return refuse('redirect-refused');
  if (isOver(login, signed.kind, now())) return refuse('login-url-expired');
  if (!isPage(inbound)) return refuse('login-url-embedded');
  const sessionId = cookie.read(inbound);
  const session = sessionId === undefined ? undefined : await cache.load(sessionId);
  if (session === undefined) return { kind: 'redirect', ...startSignIn(services, { ...inbound, query: begun(services, inbound, login) }) };
  if (!(await services.store.add(`login/${login.id}`, new Uint8Array(), now() + rememberUsedMs))) return refuse('login-url-used');
  services.log.info({ user: session.userId, redirect: login.redirect.hostname }, 'A program was given a session token');
  const token = parts.tokens.write(session, inbound.authority.hostname);
  return { kind: 'redirect', location: withToken(login.redirect, token), setCookies: [] };
}

interface Login {
  readonly id: string;
  readonly redirect: ProgrammaticRedirect;
  /** When the URL of a sign-in under way was first opened, milliseconds since 1970; undefined: now. */
  readonly openedAt: number | undefined;
}

function readLogin({ redirectHosts }: ProgrammaticLoginParts, parameters: URLSearchParams): Login | undefined {
  const opened = parameters.get('pomerium_opened');
  const id = parameters.get('pomerium_login');
  // Once more: a host may have left the list since.
  const redirect = readProgrammaticRedirect(parameters.get('pomerium_redirect_uri') ?? '', redirectHosts);
  if (id === null || redirect === undefined) return undefined;
  return { id, redirect, openedAt: opened === null ? undefined : Number(opened) };
}

/** Any page may open a WebSocket to any site, and not every browser says of it what it is. */
function isPage({ headers, upgrade }: Inbound): boolean {
  return upgrade === undefined && (headerValue(headers, 'sec-fetch-dest') ?? 'document') === 'document';
}

/** The URL that the program got is good for five minutes; signing in may then take longer. */
function isOver({ openedAt }: Login, kind: 'valid' | 'expired', now: number): boolean {
  return openedAt === undefined ? kind === 'expired' : Math.abs(now - openedAt) > beganMs;
}

/** The query to come back with after signing in: the same login, which keeps the moment it was opened at. */
function begun({ urlKeys, now }: SignInServices, { authority, query }: Inbound, { id, redirect, openedAt }: Login): string {
  if (openedAt !== undefined) return query;
  const parameters = { pomerium_redirect_uri: redirect.href, pomerium_login: id, pomerium_opened: String(now()) };
  return new URL(signUrl(loginUrl(authority), parameters, { keys: urlKeys, at: now() })).search;
}

function withToken({ href }: ProgrammaticRedirect, token: string): string {
  return `${href}${href.includes('?') ? '&' : '?'}pomerium_jwt=${token}`;
}

/** Without its query, at one route host. */
function loginUrl(authority: Authority): string {
  return `${originOf(authority)}/.pomerium/programmatic_login`;
}
