import type { CookieSettings } from '../config/settings.ts';
import type { Connection } from '../http/connection.ts';
import { cookieValues, writeSetCookie } from '../http/cookies.ts';
import type { HeaderList } from '../http/header-list.ts';
import { headerValues } from '../http/header-list.ts';
import type { Hostname } from '../http/hostname.ts';
import type { Inbound } from '../http/inbound.ts';
import { createBoundedMap } from './bounded-map.ts';
import type { LiveSession } from './live-session.ts';
import type { Sealer } from './sealer.ts';

/** The certificate of the connection over which a browser got its cookie. */
export interface SessionBinding {
  /** SHA-256, lower hex. */
  readonly fingerprint: string;
  readonly spkiHash: string;
}

/** The session's handle in the browser: the session's id, sealed for one host (or for `cookie_domain`) and worthless at any other. */
export interface SessionCookie {
  /** The id of the session that the request's cookie stands for; undefined for none, for garbage, and for two that differ. */
  read(inbound: Inbound): string | undefined;
  /** The certificate that was shown when the cookie of this session was written; undefined for none, and for a cookie of another session. */
  bindingOf(inbound: Inbound, sessionId: string): SessionBinding | undefined;
  write(hostname: Hostname, session: Pick<LiveSession, 'id' | 'expiresAt'>, binding?: SessionBinding): string;
  clear(hostname: Hostname): string;
  /** Whether it stands for nobody because it stands for several: then nothing that is written here changes that. */
  isContested(inbound: Inbound): boolean;
  /** Clears the cookie of this name for every domain above the host as well, where a neighbour can have planted one. */
  clearPlanted(hostname: Hostname): readonly string[];
}

export interface SessionCookieOptions {
  readonly settings: CookieSettings;
  readonly authenticateHost: Hostname | undefined;
  /** For route hosts. */
  readonly sealer: Sealer;
  /** For the authenticate host. */
  readonly authenticateSealer: Sealer;
  readonly now: () => number;
}

interface Placement {
  readonly name: string;
  readonly domain: string | undefined;
  /** Under the seal. */
  readonly scope: string;
  readonly sealer: Sealer;
  readonly httpOnly: boolean;
  readonly sameSite: CookieSettings['sameSite'];
}

/** What the cookies of one request came to. */
interface Reading {
  readonly hostname: Hostname;
  /** The `Cookie` fields as sent. */
  readonly sent: HeaderList;
  readonly isContested: boolean;
  /** The id of the session, then what it is bound to; empty for none. */
  readonly handle: readonly string[];
}

const longestValue = 512;
/** In characters, of all cookies together: a client that sends more than browsers do makes no connection hold them. */
const longestRemembered = 8_192;
const mostValues = 8;
const limit = 10_000;

export function createSessionCookie(options: SessionCookieOptions): SessionCookie {
  const { settings, authenticateHost, sealer, authenticateSealer, now } = options;
  const domain = settings.domain?.replace(/^\./, '').toLowerCase();
  // Opening costs a decryption, and the same few values come again with every request.
  const opened = createBoundedMap<string, { readonly handle: string | undefined }>(limit);

  // Splitting and looking up costs as much as all the rest of a decision, and the requests of one connection mostly bring the same cookies.
  const lastReadings = new WeakMap<Connection, Reading>();

  return {
    read: (inbound) => readCookies(inbound).handle[0],
    bindingOf(inbound, sessionId) {
      const [id, fingerprint, spkiHash] = readCookies(inbound).handle;
      return id !== sessionId || fingerprint === undefined || spkiHash === undefined ? undefined : { fingerprint, spkiHash };
    },
    write(hostname, { id, expiresAt }, binding) {
      const placement = placementAt(hostname);
      const maxAge = Math.max(0, Math.floor((expiresAt - now()) / 1000));
      // Under the seal, and so of this host and this browser alone: the session itself goes along to other hosts and connections.
      const handle = binding === undefined ? id : `${id} ${binding.fingerprint} ${binding.spkiHash}`;
      return writeSetCookie(placement.name, placement.sealer.seal(handle, placement.scope), { path: '/', maxAge, ...placement });
    },
    clear(hostname) {
      const placement = placementAt(hostname);
      return writeSetCookie(placement.name, '', { path: '/', maxAge: 0, ...placement });
    },
    isContested: (inbound) => readCookies(inbound).isContested,
    clearPlanted(hostname) {
      const { name } = placementAt(hostname);
      const labels = hostname.split('.');
      const parents = labels.slice(0, -2).map((_, index) => labels.slice(index + 1).join('.'));
      return [undefined, hostname, ...parents].map((each) =>
        writeSetCookie(name, '', { path: '/', domain: each, maxAge: 0, httpOnly: true }),
      );
    },
  };

  function readCookies(inbound: Inbound): Reading {
    const { headers, connection, authority } = inbound;
    const { hostname } = authority;
    const sent = headerValues(headers, 'cookie');
    const last = lastReadings.get(connection);
    if (last !== undefined && last.hostname === hostname && isSameList(last.sent, sent)) return last;
    const handles = genuineHandles(inbound);
    // A neighbour on the parent domain may have planted a second genuine cookie to make somebody work as somebody else: in
    // doubt nobody. One that does not verify here is simply passed over.
    const [only] = handles.size === 1 ? handles : [];
    const reading = { hostname, sent, isContested: handles.size > 1, handle: only?.split(' ') ?? [] };
    if (lengthOf(sent) <= longestRemembered) lastReadings.set(connection, reading);
    return reading;
  }

  /** Text under the seal: the id of the session, and what it is bound to. */
  function genuineHandles({ headers, authority }: Inbound): ReadonlySet<string> {
    const placement = placementAt(authority.hostname);
    const values = cookieValues(headers, placement.name).slice(0, mostValues);
    return new Set(values.map((value) => open(placement, value)).filter((handle) => handle !== undefined));
  }

  function open({ sealer: keyed, scope }: Placement, value: string): string | undefined {
    if (value.length > longestValue) return undefined;
    const key = `${scope} ${value}`;
    const known = opened.get(key);
    if (known !== undefined) return known.handle;
    const handle = keyed.open(value, scope);
    // Only what verifies is remembered: else a stranger's garbage would push out the cookies of people.
    if (handle !== undefined) opened.set(key, { handle });
    return handle;
  }

  function placementAt(hostname: Hostname): Placement {
    if (hostname === authenticateHost)
      return {
        name: `${settings.name}_authenticate`,
        domain: undefined,
        scope: `authenticate ${hostname}`,
        sealer: authenticateSealer,
        httpOnly: true,
        // Visitors arrive here from other sites, always by a navigation: Strict would make every one of them a stranger.
        sameSite: 'Lax',
      };
    // A browser drops a cookie whose domain does not cover the host that sets it.
    const shared = domain !== undefined && (hostname === domain || hostname.endsWith(`.${domain}`));
    return {
      name: settings.name,
      domain: shared ? domain : undefined,
      scope: shared ? `domain ${domain}` : `host ${hostname}`,
      sealer,
      httpOnly: settings.httpOnly,
      sameSite: settings.sameSite,
    };
  }
}

function lengthOf(list: HeaderList): number {
  return list.reduce((sum, text) => sum + text.length, 0);
}

function isSameList(one: HeaderList, other: HeaderList): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}
