import type { CertificateTrust } from './certificate/certificate-trust.ts';
import type { AskingRoute } from './ask-who.ts';
import type { BearerSettings } from './config/bearer-settings.ts';
import type { Inbound } from './http/inbound.ts';
import type { Route, Snapshot } from './snapshot.ts';

export interface AskingPage extends AskingRoute {
  readonly trust: CertificateTrust | undefined;
}

/**
 * A page of our own has no route, but its host has some: who asks there is who would be asking these. Where routes bind sessions, so do the
 * pages. `isValid` judges the certificate of this connection: of several sets of CAs that one counts which takes it, or a sign-in for one
 * route would end at a page that looks for the certificate of another.
 */
export function pageAsRoute(inbound: Inbound, snapshot: Snapshot, isValid: (trust: CertificateTrust | undefined) => boolean): AskingPage {
  const bearer = bearerOfPages(inbound, snapshot);
  if (snapshot.isCertificateHost(inbound.authority)) return certificatePage(snapshot, bearer);
  // No route is served there, though a wildcard may cover the name.
  const routes = snapshot.isAuthenticateHost(inbound.authority) ? [] : snapshot.hosts.matchAuthority(inbound.authority);
  const signingIn = signingInOf(routes);
  const fitting = (some: readonly Route[]): Route | undefined => some.find(({ trust }) => isValid(trust)) ?? some[0];
  const binding = fitting(routes.filter(({ settings }) => settings.bindSession !== undefined));
  const trusting = signingIn ?? binding ?? fitting(routes.filter(({ trust }) => trust !== undefined));
  return {
    trust: trusting?.trust,
    mapper: (signingIn ?? binding)?.mapper,
    // Made up for routes: whoever is nobody is told so on a page that says who one is.
    defaultPerson: undefined,
    anonymousPerson: undefined,
    settings: {
      bearer,
      bindSession: binding?.settings.bindSession,
      authentication: signingIn === undefined ? 'session' : 'either',
    },
  };
}

/**
 * The route that stands for all where each of them signs people in by the same certificates. Where only some do, pages go by sessions: an
 * assertion that a page gives away is for the whole host, and the rules of one route must not say who somebody is to the others. Public
 * routes ask nobody.
 */
function signingInOf(routes: readonly Route[]): Route | undefined {
  const [first, ...others] = routes.filter(({ settings }) => !settings.access.publicAccess || signsIn(settings));
  if (first === undefined || !signsIn(first.settings)) return undefined;
  const isAlike = ({ trust, mapper, settings }: Route): boolean =>
    signsIn(settings) && trust?.id === first.trust?.id && mapper === first.mapper;
  return others.every(isAlike) ? first : undefined;
}

function signsIn({ authentication }: Route['settings']): boolean {
  return authentication === 'client_certificate' || authentication === 'either';
}

/**
 * Sessions are made and certificates linked there: who asks is who has a session, and the certificate is what it is about. Whom it stands for is
 * asked by the sign-in alone: a link is not used by being looked at.
 */
function certificatePage({ certificateHost }: Snapshot, bearer: BearerSettings): AskingPage {
  const settings = { bearer, bindSession: undefined, authentication: 'session' } as const;
  return { trust: certificateHost?.trust, mapper: undefined, defaultPerson: undefined, anonymousPerson: undefined, settings };
}

/**
 * Which bearer tokens count on our own pages: those of the top level, as far as a route of this host takes them too. One page gives assertions
 * for the host away, and nobody gets one with a token that the host takes nowhere.
 */
function bearerOfPages({ authority }: Inbound, { settings: { bearer }, hosts }: Snapshot): BearerSettings {
  if (bearer.format === 'default') return bearer;
  const taken = hosts
    .matchAuthority(authority)
    .flatMap(({ settings }: Route) => (settings.bearer.format === bearer.format ? settings.bearer : []));
  if (taken.length === 0) return { ...bearer, format: 'default' };
  const isAnyIssuer = taken.some(({ issuers }) => issuers === undefined);
  return {
    format: bearer.format,
    audiences: taken.flatMap(({ audiences }) => audiences),
    issuers: isAnyIssuer ? undefined : taken.flatMap(({ issuers }) => issuers ?? []),
  };
}
