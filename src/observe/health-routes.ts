import type { AdminReply, AdminRoutes } from './admin-server.ts';

/** What the health checks ask. */
export interface HealthState {
  /** The listeners are open. */
  started(): boolean;
  /** No new requests should be sent here any more. */
  draining(): boolean;
  /** What `/status` shows as JSON; nothing secret may be in it. */
  status(): Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>;
}

/**
 * `/healthz` answers as long as the process does, `/startupz` once it listens, `/readyz` while it takes requests; `/status` is for people.
 * An orchestrator kills on the first, waits for the second and routes by the third, so only the third says that draining has begun.
 */
export function healthRoutes(state: HealthState): AdminRoutes {
  return new Map<string, () => AdminReply | Promise<AdminReply>>([
    ['/healthz', () => verdict(true, 'ok')],
    ['/startupz', () => (state.started() ? verdict(true, 'ok') : verdict(false, 'starting'))],
    ['/readyz', () => readiness(state)],
    ['/status', async () => ({ status: 200, contentType: 'application/json', body: `${JSON.stringify(await state.status())}\n` })],
  ]);
}

function readiness(state: HealthState): AdminReply {
  if (state.draining()) return verdict(false, 'draining');
  return state.started() ? verdict(true, 'ok') : verdict(false, 'starting');
}

function verdict(good: boolean, word: string): AdminReply {
  return { status: good ? 200 : 503, contentType: 'text/plain; charset=utf-8', body: `${word}\n` };
}
