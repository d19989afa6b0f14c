import type { BearerSettings } from './bearer-settings.ts';
import { bearerFormats } from './choices.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { RawRoute, RawSettings } from './raw-settings.ts';
import { either, readChoice } from './read-value.ts';
import type { Reading } from './reading.ts';
import { bearerDefaults } from './route-bearer.ts';
import type { RouteSettings, Settings } from './settings.ts';
import { tellNoEffect } from './tell-no-effect.ts';
import { readTokenIssuers } from './token-issuers.ts';

type Bearer = Pick<Settings, 'bearer' | 'tokenIssuers'>;
type Surroundings = Pick<Settings, 'identityProvider' | 'routes'>;

/**
 * Which bearer tokens say who is asking, at the top level; everything that a format needs and has not got is told here, for routes too.
 * A token that is checked less than its format says would let anybody in who has one of another application.
 */
export function readBearer(reading: Reading, raw: RawSettings, surroundings: Surroundings): Bearer {
  readChoice(reading, ['bearer_token_format'], { text: raw.bearer_token_format, words: bearerFormats });
  const bearer = bearerDefaults(raw);
  const tokenIssuers = readTokenIssuers(reading, raw);
  tellNeeds(reading, raw, { bearer, path: [], surroundings });
  for (const route of surroundings.routes) tellNeedsOfRoute(reading, raw, route, surroundings);
  tellUseless(reading, raw, [bearer, ...surroundings.routes.map((route) => route.bearer)]);
  return { bearer, tokenIssuers };
}

function tellNeedsOfRoute(reading: Reading, raw: RawSettings, { bearer, path }: RouteSettings, surroundings: Surroundings): void {
  const written = rawRoute(raw, path);
  const speaks = written?.bearer_token_format !== undefined || written?.idp_access_token_allowed_audiences !== undefined;
  if (speaks) tellNeeds(reading, raw, { bearer, path, surroundings });
  for (const [index, name] of (written?.identity_providers ?? []).entries()) {
    if (Object.hasOwn(raw.identity_providers ?? {}, name) || reading.isRefused(['identity_providers'])) continue;
    const place = [...path, 'identity_providers', index];
    const known = Object.keys(raw.identity_providers ?? {});
    const advice = known.length === 0 ? 'there are none at the top level' : `write ${either(known)}`;
    reading.error(place, `${writePath(place)} ${quoteValue(name)} is none of the identity_providers: ${advice}`);
  }
  if (written?.identity_providers !== undefined && bearer.format !== 'jwt')
    tellNoEffect(reading, [...path, 'identity_providers'], `without bearer_token_format: jwt`);
  if (written?.idp_access_token_allowed_audiences !== undefined && bearer.format !== 'idp_access_token')
    tellNoEffect(reading, [...path, 'idp_access_token_allowed_audiences'], `without bearer_token_format: idp_access_token`);
}

interface Needing {
  readonly bearer: BearerSettings;
  readonly path: SettingPath;
  readonly surroundings: Surroundings;
}

function tellNeeds(reading: Reading, raw: RawSettings, { bearer: { format, audiences }, path, surroundings }: Needing): void {
  const place = [...path, 'bearer_token_format'];
  const miss = (message: string): void => reading.error(place, `${writePath(place)}: ${format} needs ${message}`, { code: 'missing-key' });
  if (format === 'jwt' && raw.identity_providers === undefined && !reading.isRefused(['identity_providers']))
    miss('identity_providers: write whose tokens count');
  if (format !== 'idp_access_token' && format !== 'idp_identity_token') return;
  if (raw.idp_provider === undefined && !reading.isRefused(['idp_provider']))
    miss('an identity provider: write idp_provider and what belongs to it');
  // Of any tenant's tokens nobody can say what they are worth, and there is no sign-in page that would ask.
  if (surroundings.identityProvider?.anyTenant === true)
    reading.error(place, `${writePath(place)}: ${format} needs the issuer of one tenant as idp_provider_url`, { code: 'conflicting-keys' });
  if (format === 'idp_access_token' && audiences.length === 0)
    miss('idp_access_token_allowed_audiences: write the audiences that tokens for you are made out to');
}

function tellUseless(reading: Reading, raw: RawSettings, all: readonly BearerSettings[]): void {
  if (raw.identity_providers !== undefined && !all.some(({ format }) => format === 'jwt'))
    tellNoEffect(reading, ['identity_providers'], 'without bearer_token_format: jwt');
  if (raw.idp_access_token_allowed_audiences !== undefined && !all.some(({ format }) => format === 'idp_access_token'))
    tellNoEffect(reading, ['idp_access_token_allowed_audiences'], 'without bearer_token_format: idp_access_token');
}

function rawRoute(raw: RawSettings, [list, index]: SettingPath): RawRoute | undefined {
  const routes = list === 'policy' ? raw.policy : raw.routes;
  return typeof index === 'number' ? routes?.[index] : undefined;
}
