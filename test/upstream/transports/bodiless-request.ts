import type { UpstreamRequest } from '../../../src/upstream/transport.ts';

/** A request without a body, as the transports get it. */
export function bodilessRequest(given: Partial<Pick<UpstreamRequest, 'method' | 'path' | 'headers'>> = {}): UpstreamRequest {
  return {
    method: 'GET',
    path: '/',
    headers: ['Host', 'up'],
    body: null,
    bodyLength: undefined,
    servername: 'up',
    takesTrailers: false,
    trailers: undefined,
    ...given,
  };
}
