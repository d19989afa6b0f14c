import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Configuration, KoaContext, Provider } from 'oidc-provider';
import { originOf } from './demo-hosts.ts';
import { providerSpeaker, sendInteractionPage, sendProviderPage } from './interaction-page.ts';
import type { LoopbackServer } from './loopback-server.ts';
import { openLoopbackServer } from './loopback-server.ts';
import { contentSecurityPolicy, escapeHtml, pageHtml, sendPage } from './page.ts';
import { people } from './people.ts';

export interface DemoProvider extends LoopbackServer {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** An OpenID provider on `http://localhost:PORT` that lets the visitor choose who to be. It forgets everything when it ends. */
export async function openProvider(options: { readonly port: number; readonly posternPort: number }): Promise<DemoProvider> {
  const issuer = `http://localhost:${options.port}`;
  const client = { clientId: 'postern', clientSecret: randomBytes(24).toString('base64url') };
  const LoadedProvider = await loadProvider();
  const provider = new LoadedProvider(issuer, configuration(client, options.posternPort));
  const handle = provider.callback();
  const loopback = await openLoopbackServer(options.port, async (request, response) => {
    if (request.url === '/') return sendProviderPage(response);
    const uid = /^\/interaction\/([\w-]+)$/.exec(request.url ?? '')?.[1];
    if (uid === undefined) return handle(request, response);
    if (request.method !== 'POST') return sendInteractionPage(response, `/interaction/${uid}`);
    const form = await readForm(request);
    const person = people.find(({ id }) => id === form.get('person'));
    if (person === undefined)
      return sendPage(response, {
        status: 400,
        speaker: providerSpeaker,
        title: 'Nobody of that name',
        body: '<p>Go back and choose again.</p>',
      });
    await provider.interactionFinished(request, response, { login: { accountId: person.id } });
  });
  return { ...loopback, [Symbol.asyncDispose]: loopback[Symbol.asyncDispose], issuer, ...client };
}

/** The library warns of development settings and of new runtimes on the console; both are meant here. */
async function loadProvider(): Promise<typeof Provider> {
  console.warn = withoutTheLibrary(console.warn);
  console.info = withoutTheLibrary(console.info);
  return (await import('oidc-provider')).Provider;
}

function withoutTheLibrary(speak: typeof console.warn): typeof console.warn {
  return (...words) => {
    if (!String(words[0]).includes('oidc-provider ')) speak(...words);
  };
}

function configuration(client: { readonly clientId: string; readonly clientSecret: string }, posternPort: number): Configuration {
  const authenticate = originOf('auth', posternPort);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [`${authenticate}/oauth2/callback`],
        post_logout_redirect_uris: [`${authenticate}/.pomerium/signed_out`],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'demo' }] },
    cookies: { keys: [randomBytes(24).toString('base64url')] },
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
    scopes: ['openid', 'offline_access', 'profile', 'email', 'groups'],
    conformIdTokenClaims: false,
    findAccount: (_context, id) => findAccount(id),
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    issueRefreshToken: () => true,
    // Nobody is asked for consent: there is one client, and it is the visitor's own.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid offline_access profile email groups');
      await grant.save();
      return grant;
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: true, logoutSource, postLogoutSuccessSource },
    },
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 60,
      Grant: 86_400,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
    renderError,
  };
}

function findAccount(id: string): { accountId: string; claims(): Record<string, unknown> } | undefined {
  const person = people.find((each) => each.id === id);
  if (person === undefined) return undefined;
  const { name, email, groups } = person;
  return { accountId: id, claims: () => ({ sub: id, name, email, email_verified: true, groups }) };
}

function logoutSource(context: KoaContext, form: string): void {
  show(
    context,
    'Sign out at the provider, too?',
    `<p>Postern has ended your session. While the provider remembers you, the next sign-in goes through without a question.</p>
${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button><button form="op.logoutForm">Stay signed in</button>`,
  );
}

function postLogoutSuccessSource(context: KoaContext): void {
  show(context, 'Signed out', '<p>The provider has forgotten who you were.</p>');
}

function renderError(context: KoaContext, out: Readonly<Record<string, unknown>>): void {
  show(context, 'The provider cannot do that', `<p>${escapeHtml(String(out['error_description'] ?? out['error']))}</p>`);
}

function show(context: KoaContext, title: string, body: string): void {
  context.type = 'html';
  context.set('content-security-policy', contentSecurityPolicy());
  context.body = pageHtml({ speaker: providerSpeaker, title, body });
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > 4096) throw new Error('the form is too large');
  }
  return new URLSearchParams(body);
}
