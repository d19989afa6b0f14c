import type { HeaderList } from '../http/header-list.ts';
import type { UpstreamPool } from './create-pool.ts';
import type { HeaderPlan } from './header-plan.ts';

/** Where a route leads and how, compiled once by the snapshot. */
export interface UpstreamRoute {
  /** The name that a permit for this route carries. */
  readonly routeId: string;
  readonly pool: UpstreamPool;
  readonly headers: HeaderPlan;
  /** For the whole answer, from the start of the request to its last byte; 0: none. Of an upgrade only the wait for its answer counts. */
  readonly timeoutMs: number;
  readonly allowWebsockets: boolean;
  /** The route's `prefix`, which a path in `to` replaces; undefined: the path of `to` is put in front of the whole path. */
  readonly matchedPrefix?: string | undefined;
  /** Set on every answer, replacing the upstream's own; undefined: `defaultResponseHeaders`. */
  readonly responseHeaders?: HeaderList | undefined;
}
