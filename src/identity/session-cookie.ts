import type { CookieSettings } from '../config/settings.ts';
import { cookieValues, writeSetCookie } from '../http/cookies.ts';
import type { Hostname } from '../http/hostname.ts';
import type { Inbound } from '../http/inbound.ts';
import { createBoundedMap } from './bounded-map.ts';
import type { Sealer } from './sealer.ts';
import type { Session } from './session.ts';

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
  write(hostname: Hostname, session: Session, binding?: SessionBinding): string;
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

const longestValue = 512;
const mostValues = 8;
const limit = 10_000;

export function createSessionCookie(options: SessionCookieOptions): SessionCookie {
  const { settings, authenticateHost, sealer, authenticateSealer, now } = options;
  const domain = settings.domain?.replace(/^\./, '').toLowerCase();
  // Opening costs a decryption, and the same few values come again with every request.
  const opened = createBoundedMap<string, { readonly handle: string | undefined }>(limit);

  return {
    read(inbound) {
      return genuineHandle(inbound)?.split(' ', 1)[0];
    },
    bindingOf(inbound, sessionId) {
      const [id, fingerprint, spkiHash] = genuineHandle(inbound)?.split(' ') ?? [];
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
    isContested: (inbound) => genuineHandles(inbound).size > 1,
    clearPlanted(hostname) {
      const { name } = placementAt(hostname);
      const labels = hostname.split('.');
      const parents = labels.slice(0, -2).map((_, index) => labels.slice(index + 1).join('.'));
      return [undefined, hostname, ...parents].map((each) =>
        writeSetCookie(name, '', { path: '/', domain: each, maxAge: 0, httpOnly: true }),
      );
    },
  };

  /** Text under the seal: the id of the session, and what it is bound to. */
  function genuineHandle(inbound: Inbound): string | undefined {
    const handles = genuineHandles(inbound);
    // A neighbour on the parent domain may have planted a second genuine cookie to make somebody work as somebody else: in
    // doubt nobody. One that does not verify here is simply passed over.
    return handles.size === 1 ? [...handles][0] : undefined;
  }

  function genuineHandles(inbound: Inbound): ReadonlySet<string | undefined> {
    const placement = placementAt(inbound.authority.hostname);
    const values = cookieValues(inbound.headers, placement.name);
    const handles = new Set(values.slice(0, mostValues).map((value) => open(placement, value)));
    handles.delete(undefined);
    return handles;
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
