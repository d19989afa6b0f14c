import { headerValues } from '../http/header-list.ts';
import type { Reply } from '../http/reply.ts';
import type { EndpointContext } from './endpoint.ts';
import { jsonHeaders } from './json-reply.ts';
import { anyOrigin } from './preflight.ts';

/** The public keys that upstreams verify assertions with; whoever has them already gets 304 (RFC 9110 section 13.1.2). */
export function serveJwks({ inbound, identity }: EndpointContext): Reply {
  const { body, etag } = identity.jwks();
  const common = [...anyOrigin, 'Access-Control-Expose-Headers', 'ETag', 'ETag', etag, 'Cache-Control', 'max-age=60'];
  const known = headerValues(inbound.headers, 'if-none-match').flatMap((value) => value.split(','));
  if (known.some((tag) => tag.trim() === '*' || opaqueTag(tag) === opaqueTag(etag))) return { status: 304, headers: common, body: '' };
  return { status: 200, headers: [...jsonHeaders, ...common], body };
}

/** Weak and strong tags are compared alike here; our tags hold no comma, so a list may be split at any. */
function opaqueTag(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}
