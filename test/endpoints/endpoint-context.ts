import type { RuntimeFlags } from '../../src/config/settings.ts';
import type { EndpointContext } from '../../src/endpoints/endpoint.ts';
import { findEndpoint } from '../../src/endpoints/find-endpoint.ts';
import type { Connection } from '../../src/http/connection.ts';
import type { HeaderList } from '../../src/http/header-list.ts';
import { parseAuthority } from '../../src/http/hostname.ts';
import { parseTarget } from '../../src/http/path.ts';
import type { Reply } from '../../src/http/reply.ts';
import type { IdentityOutcome, LoginBegun } from '../../src/identity/create-identity.ts';
import type { CertificateLink, LinkResult } from '../../src/identity/certificate-link.ts';
import type { Person } from '../../src/identity/person.ts';

export const now: number = Date.UTC(2026, 0, 2, 3, 4, 5);

export const alice: Person = {
  id: 'alice-id',
  email: 'alice@example.com',
  name: 'Alice Example',
  claims: new Map([
    ['groups', ['admins', 'staff']],
    ['access_token', ['SECRET-TOKEN']],
  ]),
  sessionId: 'SESSION-ID',
  expiresAt: now + 90 * 60_000,
};

export interface Asked {
  readonly flags?: RuntimeFlags;
  readonly method?: string;
  readonly target?: string;
  readonly authority?: string;
  readonly headers?: HeaderList;
  readonly isAuthenticateHost?: boolean;
  readonly person?: Person | undefined;
  readonly outcome?: IdentityOutcome;
  readonly begun?: LoginBegun;
  readonly isCertificateHost?: boolean;
  readonly links?: readonly CertificateLink[];
  readonly linkResult?: LinkResult;
  readonly mayLink?: boolean;
  readonly further?: Partial<EndpointContext>;
}

/** What an endpoint sees of a request; `calls` are the names of what it asked identity to do. */
export function endpointContext(asked: Asked): { readonly context: EndpointContext; readonly calls: readonly string[] } {
  const authority = parseAuthority(asked.authority ?? 'app.example:8443');
  const target = parseTarget(asked.target ?? '/.pomerium/');
  if (authority === undefined || typeof target === 'string') throw new Error('Cannot make a request: malformed authority or target');
  const calls: string[] = [];
  const step = (name: string) => async (): Promise<IdentityOutcome> => {
    calls.push(name);
    return asked.outcome ?? { kind: 'redirect', location: `https://elsewhere.example/${name}`, setCookies: ['c=1; Path=/', 'd=2'] };
  };
  const context: EndpointContext = {
    inbound: {
      id: 'reference-1',
      receivedAt: now,
      protocol: 'http/1.1',
      method: asked.method ?? 'GET',
      authority,
      rawAuthority: asked.authority ?? 'app.example:8443',
      path: target.path,
      query: target.query,
      headers: asked.headers ?? [],
      upgrade: undefined,
      connection,
    },
    isAuthenticateHost: asked.isAuthenticateHost ?? false,
    isCertificateHost: asked.isCertificateHost ?? false,
    person: asked.person,
    identity: {
      signIn: step('signIn'),
      finishSignIn: step('finishSignIn'),
      acceptHandOver: step('acceptHandOver'),
      finishLogin: step('finishLogin'),
      askCertificate: step('askCertificate'),
      finishCertificateSignIn: step('finishCertificateSignIn'),
      linksOf: async () => asked.links ?? [],
      link: async ({ certificate }) => {
        calls.push(`link ${certificate.fingerprint}`);
        return asked.linkResult ?? 'linked';
      },
      unlink: async (userId, fingerprint) => calls.push(`unlink ${fingerprint} from ${userId}`) > 0,
      mayLink: () => asked.mayLink ?? true,
      linkForms: {
        write: ({ sessionId }, { action, fingerprint }) => `${sessionId}.${action}.${fingerprint}`,
        read({ sessionId }, text) {
          const [session, action, fingerprint = ''] = text.split('.');
          return session === sessionId && (action === 'link' || action === 'unlink') ? { action, fingerprint } : undefined;
        },
      },
      beginLogin: () => asked.begun ?? { kind: 'nothing' },
      signOut: step('signOut'),
      startSignIn: () => ({ location: 'https://auth.example/.pomerium/sign_in?x', setCookies: ['b=1'] }),
      assertionFor: (person, audience) =>
        `header.${base64url({ iss: audience, aud: audience, exp: 3, iat: 1, jti: 'j', sub: person.id, groups: ['ä'] })}.signature`,
      jwks: () => ({ body: '{"keys":[]}', etag: '"abc"' }),
    },
    authenticateUrl: new URL('https://auth.example:8443/'),
    jwtIssuerFormat: 'hostOnly',
    now,
    ...asked.further,
  };
  return { context, calls };
}

/** Finds the endpoint and lets it answer; fails when there is none. */
export async function ask(asked: Asked): Promise<{ readonly reply: Reply; readonly calls: readonly string[] }> {
  const { context, calls } = endpointContext(asked);
  const endpoint = findEndpoint({
    path: context.inbound.path,
    isAuthenticateHost: context.isAuthenticateHost,
    isCertificateHost: context.isCertificateHost ?? false,
    flags: asked.flags ?? allOff,
  });
  if (endpoint === undefined) throw new Error(`no endpoint at ${context.inbound.path}`);
  return { reply: await endpoint.serve(context), calls };
}

/** No endpoint that has to be switched on is. */
export const allOff: RuntimeFlags = { jwtEndpoint: false, configHotReload: true };

const connection: Connection = {
  id: 1,
  scheme: 'https',
  sniRaw: 'app.example',
  hostname: parseAuthority('app.example')?.hostname,
  group: 'none',
  asked: false,
  remoteAddress: '127.0.0.1',
  remotePort: 50_000,
  tlsVersion: 'TLSv1.3',
  resumed: false,
  certificate: { kind: 'none' },
};

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
