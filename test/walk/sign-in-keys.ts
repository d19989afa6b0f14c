import type { ProviderServer } from '../identity/provider-server.ts';
import { client } from '../identity/provider-server.ts';

/** The keys of a house whose visitors sign in at `auth.postern.test` with this provider, each on a line of its own. */
export function signInKeys({ issuer }: Pick<ProviderServer, 'issuer'>): string {
  return `authenticate_service_url: https://auth.postern.test:{{port}}
idp_provider: oidc
idp_provider_url: ${issuer.href}
idp_client_id: ${client.id}
idp_client_secret: ${client.secret}`;
}
