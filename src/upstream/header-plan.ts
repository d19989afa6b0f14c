import type { ForwardedForSettings } from '../config/settings.ts';
import type { HostOf } from './host-header.ts';

/** What a route does to headers, compiled once by the snapshot. */
export interface HeaderPlan {
  /**
   * Names that only Postern may say towards this upstream (configured claim headers and the like), as `normalisedName` has
   * them. Every spelling of them is dropped from what a client sends.
   */
  readonly dropNames: ReadonlySet<string>;
  /** Whether a cookie is one of Postern's own; names are case-sensitive. */
  readonly isOurCookie: (name: string) => boolean;
  /** `set_request_headers`, values as written with their references; names that `isRouteEditable` refuses are skipped. */
  readonly set: readonly (readonly [name: string, value: string])[];
  /** `remove_request_headers`, in lower case. Wins over `set` and over forwarding headers, never over identity headers. */
  readonly remove: ReadonlySet<string>;
  readonly hostOf: HostOf;
  readonly forwardedFor: ForwardedForSettings;
}
