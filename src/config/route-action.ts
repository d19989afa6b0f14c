import type { RouteActionSettings } from './action-settings.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { RawRoute } from './raw-settings.ts';
import type { Reading } from './reading.ts';
import type { RouteDefaults } from './route-defaults.ts';
import { readForward } from './route-forward.ts';
import { readRedirect } from './route-redirect.ts';
import { readResponse } from './route-response.ts';
import { routeUpstreamKeys } from './route-upstream-keys.ts';
import { tellNoEffect } from './tell-no-effect.ts';

/** What a route leads to. Of several a redirect counts before a response, and both before upstreams, as in Pomerium. */
export function readAction(reading: Reading, route: RawRoute, path: SettingPath, defaults: RouteDefaults): RouteActionSettings {
  const [winner, ...losers] = actionKeys.filter((key) => route[key] !== undefined);
  if (winner === undefined) tellMissing(reading, path);
  for (const key of losers) tellNoEffect(reading, [...path, key], `beside ${winner ?? ''}`);
  // All that is written is looked at, so that what counts tomorrow is not broken then.
  const redirect = route.redirect === undefined ? undefined : readRedirect(reading, route.redirect, [...path, 'redirect']);
  const response = route.response === undefined ? undefined : readResponse(reading, route.response, [...path, 'response']);
  const forward = readForward(reading, route, path, defaults);
  if (winner === 'redirect' || winner === 'response') tellUnused(reading, route, path, winner);
  if (redirect !== undefined) return { kind: 'redirect', ...redirect };
  return response ?? { kind: 'forward', ...forward };
}

const actionKeys = ['redirect', 'response', 'to'] as const;

function tellMissing(reading: Reading, path: SettingPath): void {
  if (actionKeys.some((key) => reading.isRefused([...path, key]))) return;
  const message = `${writePath(path)} leads nowhere: write to with an upstream like http://127.0.0.1:8080, or redirect, or response`;
  reading.error(path, message, { code: 'missing-key' });
}

const headerKeys = [
  'pass_identity_headers',
  'jwt_issuer_format',
  'set_request_headers',
  'remove_request_headers',
  'rewrite_response_headers',
];

/** `false` is what these keys are anyway, and whoever writes it gets it. */
function tellUnused(reading: Reading, route: RawRoute, path: SettingPath, winner: string): void {
  for (const [key, value] of Object.entries(route)) {
    if (value === undefined || value === false) continue;
    if (headerKeys.includes(key) || Object.hasOwn(routeUpstreamKeys, key))
      tellNoEffect(reading, [...path, key], `beside ${winner}, which asks no upstream`);
  }
}
