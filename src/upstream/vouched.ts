import type { HeaderList } from '../http/header-list.ts';

/** What Postern says about the visitor towards an upstream: from verified sources only, never from what the client sent. */
export interface Vouched {
  /** Headers that say who is asking, or who acts for them; empty where nobody is or the route passes nothing on. */
  readonly identity: HeaderList;
  /** What a `${pomerium.…}` reference stands for; empty where there is nothing to say. */
  token(name: TokenName): string;
}

/** The references about the visitor that `set_request_headers` may hold. */
export type TokenName = 'access_token' | 'id_token' | 'jwt' | 'client_cert_fingerprint' | 'client_cert_san_dns' | 'client_cert_san_email';
