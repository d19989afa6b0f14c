// The package brings no types; this is what the demo uses of it.
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface KoaContext {
    type: string;
    body: unknown;
    set(name: string, value: string): void;
  }

  interface Grant {
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  }

  interface GrantContext {
    readonly oidc: {
      readonly provider: { readonly Grant: new (properties: { readonly clientId: string; readonly accountId: string }) => Grant };
      readonly client: { readonly clientId: string };
      readonly session: { readonly accountId: string };
    };
  }

  export interface Configuration {
    readonly clients: readonly Readonly<Record<string, unknown>>[];
    readonly jwks: { readonly keys: readonly object[] };
    readonly cookies: { readonly keys: readonly string[] };
    readonly claims: Readonly<Record<string, readonly string[]>>;
    readonly scopes: readonly string[];
    readonly conformIdTokenClaims: boolean;
    readonly findAccount: (context: unknown, id: string) => { readonly accountId: string; claims(): Record<string, unknown> } | undefined;
    readonly interactions: { readonly url: (context: unknown, interaction: { readonly uid: string }) => string };
    readonly issueRefreshToken: () => boolean;
    readonly loadExistingGrant: (context: GrantContext) => Promise<Grant>;
    readonly features: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly ttl: Readonly<Record<string, number>>;
    readonly renderError: (context: KoaContext, out: Readonly<Record<string, unknown>>) => void;
  }

  export class Provider {
    constructor(issuer: string, configuration: Configuration);
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: { readonly login: { readonly accountId: string } },
    ): Promise<void>;
  }
}
