import type { ResponseHeaderRewrite, UpgradeProtocol } from '../config/action-settings.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { UpstreamPool } from './create-pool.ts';
import type { HeaderPlan } from './header-plan.ts';
import type { PathRewrite } from './path-rewrite.ts';

/** Where a route leads and how, compiled once by the snapshot. */
export interface UpstreamRoute {
  /** The name that a permit for this route carries. */
  readonly routeId: string;
  readonly pool: UpstreamPool;
  readonly headers: HeaderPlan;
  /** For the whole answer, from the start of the request to its last byte; 0: none. Of an upgrade only the wait for its answer counts. */
  readonly timeoutMs: number;
  /** Milliseconds without a byte in either direction, of an answer and of a tunnel; 0: none. */
  readonly idleTimeoutMs: number;
  /** The protocols that a request may switch to. */
  readonly upgrades: ReadonlySet<UpgradeProtocol>;
  /** Undefined: the path goes on as it came. */
  readonly rewritePath?: PathRewrite | undefined;
  /** Headers of answers whose beginning is replaced, one after the other; before `responseHeaders` are set. */
  readonly responseRewrites: readonly ResponseHeaderRewrite[];
  /** Set on every answer, replacing the upstream's own. */
  readonly responseHeaders: HeaderList;
}
