import type { UpgradeProtocol } from '../config/action-settings.ts';
import type { HeaderList } from '../http/header-list.ts';
import { headerValues } from '../http/header-list.ts';
import type { Inbound } from '../http/inbound.ts';
import type { WebSocketHandshake } from './websocket-handshake.ts';
import { findWebSocketProblem, readHandshake } from './websocket-handshake.ts';

/** What a client asked to switch to, and what the answer has to fit. */
export type UpgradeHandshake =
  | ({ readonly protocol: 'websocket' } & WebSocketHandshake)
  /** SPDY, as `kubectl exec` speaks it: nothing but its name says what was asked. */
  | { readonly protocol: 'spdy/3.1' };

/** How each protocol is spelt towards an upstream and a client: in our own words, never in theirs (CVE-2026-1527). */
export const upgradeSpellings: Readonly<Record<UpgradeProtocol, string>> = { websocket: 'websocket', 'spdy/3.1': 'SPDY/3.1' };

/** Whether a token, in lower case, names a protocol that can be switched to at all. */
export function isUpgradeProtocol(token: string | undefined): token is UpgradeProtocol {
  return token !== undefined && Object.hasOwn(upgradeSpellings, token);
}

/** Undefined when a request asks for no protocol that is spoken here, or not unambiguously. */
export function readUpgradeHandshake({ method, upgrade }: Inbound, headers: HeaderList): UpgradeHandshake | undefined {
  if (upgrade === 'spdy/3.1') return method === 'GET' || method === 'POST' ? { protocol: upgrade } : undefined;
  const handshake = upgrade === 'websocket' && method === 'GET' ? readHandshake(headers) : undefined;
  return handshake === undefined ? undefined : { protocol: 'websocket', ...handshake };
}

/**
 * What is wrong with the 101 of an upstream, or undefined when it is the answer to this very handshake. A proxy that tunnels
 * after any other 101 lets a client speak HTTP to the upstream past the policy.
 */
export function findSwitchProblem(headers: HeaderList, handshake: UpgradeHandshake): string | undefined {
  const upgrades = headerValues(headers, 'upgrade');
  if (upgrades.length !== 1 || upgrades[0]?.trim().toLowerCase() !== handshake.protocol)
    return `it switches to another protocol than ${handshake.protocol}`;
  const options = headerValues(headers, 'connection').flatMap((value) => value.toLowerCase().split(','));
  if (!options.some((option) => option.trim() === 'upgrade')) return 'its Connection does not say Upgrade';
  return handshake.protocol === 'websocket' ? findWebSocketProblem(headers, handshake) : undefined;
}
