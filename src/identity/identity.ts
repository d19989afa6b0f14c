import type { AccountLookup } from '../certificate/certificate-mapping.ts';
import type { BearerSettings, TokenIssuerSettings } from '../config/bearer-settings.ts';
import type { AuthenticateSettings, ClaimHeader, CookieSettings, IdentityProviderSettings, JwtIssuerFormat } from '../config/settings.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { Authority, Hostname } from '../http/hostname.ts';
import type { Inbound } from '../http/inbound.ts';
import type { Store } from '../store/store.ts';
import type { ProviderTokens } from './build-session.ts';
import type { CertificateLink, LinkAttempt, LinkResult } from './certificate-link.ts';
import type { ShownCertificate } from './certificate-sign-in.ts';
import type { LinkForms } from './link-forms.ts';
import type { Person } from './person.ts';
import type { Secrets } from './secrets.ts';
import type { SessionBinding } from './session-cookie.ts';
import type { SigningKeys } from './signing-keys.ts';

/** What this room asks of a log. Fields never hold a token, a cookie, a code or a state. */
export interface IdentityLog {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface IdentityOptions {
  readonly store: Store;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: IdentityLog;
  /** Undefined together with `provider`: then nobody can sign in, and nobody is. */
  readonly authenticate: AuthenticateSettings | undefined;
  readonly provider: IdentityProviderSettings | undefined;
  readonly cookie: CookieSettings;
  readonly secrets: Secrets;
  readonly signingKeys: SigningKeys;
  readonly claimHeaders: readonly ClaimHeader[];
  /** Where people go after they signed out; undefined: a page that says so. */
  readonly signOutRedirectUrl: URL | undefined;
  /** Whether a sign-in may return to this host. */
  readonly isRouteHost: (authority: Authority) => boolean;
  /** Where certificates are linked to accounts and signed in with. `isRouteHost` has to know its host too. Absent: nowhere. */
  readonly certificateSignIn?: AuthenticateSettings | undefined;
  /** Whether people choose between the provider and a certificate; absent: everybody goes to the provider. */
  readonly signInWithCertificate?: boolean;
  /** Hosts that a programmatic login may end at, `localhost` for the machine of whoever signs in; absent: none. */
  readonly redirectHosts?: readonly string[];
  /** Whose tokens count where a bearer token is a `jwt`; absent: nobody's. */
  readonly tokenIssuers?: readonly TokenIssuerSettings[];
  /** Carries every request to the provider; it decides what certificates of the provider are trusted. */
  readonly fetch?: typeof fetch;
  readonly onSignIn?: (result: SignInResult) => void;
  /** Whether an upstream is given the tokens of the provider; absent: none is, and `tokensOf` knows none of a session. */
  readonly handsOutTokens?: boolean;
}

export type SignInResult = 'ok' | 'refused' | 'failed';

/** `loading`: wait for `until`, then ask again, once. `until` rejects with a `ProxyFailure` when the store can't answer. */
export type SessionLookup =
  | { readonly kind: 'person'; readonly person: Person }
  | { readonly kind: 'nobody' }
  /** Nobody, and a program that showed something has to be told that it doesn't count. */
  | { readonly kind: 'refused'; readonly credential: 'session-token' | 'bearer-token' }
  | { readonly kind: 'loading'; readonly until: Promise<void> };

export interface SignInRedirect {
  readonly location: string;
  readonly setCookies: readonly string[];
}

export type IdentityOutcome =
  | { readonly kind: 'redirect'; readonly location: string; readonly setCookies: readonly string[] }
  | {
      readonly kind: 'refused';
      readonly status: 400 | 401 | 403;
      /** Kebab-case, for the log. */
      readonly reason: string;
      /** One plain sentence for the visitor; nothing of the request is in it. */
      readonly message: string;
      /** The page the visitor came for, on one of our hosts; `atOnce`: they may be led there without being asked. */
      readonly wanted?: { readonly url: string; readonly atOnce: boolean };
      /** Where another way to sign in can be chosen. */
      readonly choice?: string;
      readonly setCookies?: readonly string[];
    };

/** How to sign in is the visitor's choice: each of the two is a URL to go to. */
export interface SignInChoice {
  readonly kind: 'choose';
  readonly provider: string;
  readonly certificate: string;
  readonly setCookies: readonly string[];
}

/** What a program gets that wants somebody to sign in for it. `nothing`: there is no such page here. */
export type LoginBegun =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'nothing' }
  | Extract<IdentityOutcome, { kind: 'refused' }>;

/** Who is asking, how they sign in and out, and what the upstream is told about them. Faults are thrown as `ProxyFailure`. */
export interface Identity extends AsyncDisposable {
  /**
   * Synchronous, and with a warm session or token free of any wait. Whatever is wrong with a cookie, the answer is nobody. `bearer` says
   * which bearer tokens count where the request goes; absent: none.
   */
  loadSession(inbound: Inbound, bearer?: BearerSettings): SessionLookup;
  /** Where a visitor who must sign in is sent, and the cookie that ties the sign-in to this browser. */
  startSignIn(inbound: Inbound): SignInRedirect;
  /** `/.pomerium/sign_in` of the authenticate host. */
  signIn(inbound: Inbound): Promise<IdentityOutcome | SignInChoice>;
  /** `/oauth2/callback` of the authenticate host. */
  finishSignIn(inbound: Inbound): Promise<IdentityOutcome>;
  /** `/.pomerium/certificate_sign_in` of the certificate host: whoever the certificate of this connection stands for goes on to sign in. */
  askCertificate(inbound: Inbound, shown: ShownCertificate): Promise<IdentityOutcome>;
  /** `/.pomerium/certificate_callback` of the authenticate host: where that leads. */
  finishCertificateSignIn(inbound: Inbound): Promise<IdentityOutcome>;
  /**
   * Synchronous: the account that a certificate was linked to, by its SHA-256 (lower hex). Counts as a use of the link. What another process
   * changes is seen within a minute, what this one changes at once; one account object for as long as it says the same.
   */
  accountOf(fingerprint: string): AccountLookup;
  /** Oldest first. */
  linksOf(userId: string): Promise<readonly CertificateLink[]>;
  /** The certificate has to be one that was judged valid. */
  link(attempt: LinkAttempt): Promise<LinkResult>;
  /** False when the certificate was not linked to this person. */
  unlink(userId: string, fingerprint: string): Promise<boolean>;
  /** Whether the request comes from a browser with a session that began at the provider: nobody links by a token, or by a certificate. */
  mayLink(inbound: Inbound): boolean;
  readonly linkForms: LinkForms;
  /**
   * The certificate that somebody's cookie was given out over; undefined for none, and where the person is known by something else: a cookie
   * says nothing about a token beside it.
   */
  bindingOf(inbound: Inbound, person: Person): SessionBinding | undefined;
  /** `/.pomerium/callback/` of a route host. `certificate`: the one of this connection, where it is valid there. */
  acceptHandOver(inbound: Inbound, certificate?: SessionBinding): Promise<IdentityOutcome>;
  /** `/.pomerium/api/v1/login` of a route host. */
  beginLogin(inbound: Inbound): LoginBegun;
  /** `/.pomerium/programmatic_login` of a route host: where the URL of `beginLogin` leads. */
  finishLogin(inbound: Inbound): Promise<IdentityOutcome>;
  /** Ends the session behind the request's cookie, on any host. Whether the request may ask for that is the caller's question. */
  signOut(inbound: Inbound): Promise<IdentityOutcome>;
  /** The signed assertion for one upstream host; the same text for a part of its five minutes. */
  assertionFor(person: Person, audience: Hostname, issuer: JwtIssuerFormat): string;
  /** Assertion and configured claim headers for somebody signed in; nothing at all for nobody. */
  identityHeaders(person: Person | undefined, audience: Hostname, issuer: JwtIssuerFormat): HeaderList;
  /** What the provider gave the person to show elsewhere; empty texts where it gave nothing. */
  tokensOf(person: Person): ProviderTokens;
  jwks(): { readonly body: string; readonly etag: string };
  sessionCount(): Promise<number>;
  /** The session cookie's name and every name that begins with it and `_`. */
  readonly cookieNames: { isOurs(name: string): boolean };
}
