import { normalisedName } from '../../http/header-list.ts';
import type { HeaderStep } from '../header-step.ts';

/**
 * What applications believe when a proxy says it: identity and certificate headers of every dialect, whether or not we send
 * them, and headers that claim another address, path or method than the one that was judged.
 */
export const dropSpoofable: HeaderStep = {
  name: 'drop spoofable',
  drops: ({ lower, plain }, { dropNames }) => isSpoofable(plain) || dropNames.has(plain) || dropNames.has(normalisedName(lower)),
};

/** By plain name. */
export function isSpoofable(plain: string): boolean {
  return exactNames.has(plain) || prefixes.some((prefix) => plain.startsWith(prefix));
}

const prefixes: readonly string[] = [
  'x-pomerium-',
  // Of these only what the client says in `X-Forwarded-For` is kept, by `set forwarded`.
  'x-forwarded-',
  'x-original-',
  'x-ssl-',
  'ssl-client-',
  'x-client-cert',
  'x-client-dn',
  'x-client-verify',
  'client-cert-',
  'x-amzn-mtls-',
  'x-amzn-oidc-',
  'cf-client-cert-',
  'cf-cert-',
  'cf-access-',
  'cloudfront-viewer-cert-',
  'x-authentik-',
  'x-auth-request-',
  'x-goog-authenticated-user-',
  'x-goog-iap-',
  'x-ms-client-principal',
  'x-ms-token-',
  'remote-',
  'x-remote-',
  'x-webauth-',
  'impersonate-',
  // Orders to an Envoy behind us: another path, another timeout, another retry.
  'x-envoy-',
];

const exactNames: ReadonlySet<string> = new Set([
  'x-pomerium',
  'forwarded',
  'x-real-ip',
  'client-cert',
  'x-rewrite-url',
  // Applications that honour these run another method than the one the policy saw.
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  // CGI programs read it as HTTP_PROXY (CVE-2016-5385).
  'proxy',
  // A client's own would stand beside ours in the upstream's log.
  'x-request-id',
]);
