import type { BearerSettings } from './bearer-settings.ts';
import { bearerFormats } from './choices.ts';
import type { SettingPath } from './problem.ts';
import type { RawBearerSettings, RawRoute } from './raw-settings.ts';
import { findChoice, readChoice } from './read-value.ts';
import type { Reading } from './reading.ts';

/** What counts where a route does not speak for itself, and for pages of our own. Its problems are told by `readBearer`. */
export function bearerDefaults(raw: RawBearerSettings): BearerSettings {
  const format = findChoice(['bearer_token_format'], { text: raw.bearer_token_format, words: bearerFormats });
  return { format: format ?? 'default', audiences: raw.idp_access_token_allowed_audiences ?? [], issuers: undefined };
}

/** Which bearer tokens say who is asking on one route. */
export function readRouteBearer(reading: Reading, route: RawRoute, path: SettingPath, defaults: BearerSettings): BearerSettings {
  const { bearer_token_format: text } = route;
  const format = text === undefined ? undefined : readChoice(reading, [...path, 'bearer_token_format'], { text, words: bearerFormats });
  return {
    format: format ?? defaults.format,
    audiences: route.idp_access_token_allowed_audiences ?? defaults.audiences,
    issuers: route.identity_providers ?? defaults.issuers,
  };
}
