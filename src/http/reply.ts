import type { HeaderList } from './header-list.ts';

/** An answer that Postern gives itself: a page, a redirect, a refusal. Answers of upstreams stream through a `ReplySink` instead. */
export interface Reply {
  readonly status: number;
  readonly headers: HeaderList;
  /** Empty for none; `Content-Length` is added by the sink, and the body left out for HEAD, 204 and 304. */
  readonly body: string | Uint8Array;
}
