import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CheckedAssertion } from './check-assertion.ts';
import { checkAssertion } from './check-assertion.ts';
import type { DemoHost } from './demo-hosts.ts';
import { demoHosts, domain, originOf } from './demo-hosts.ts';
import type { LoopbackServer } from './loopback-server.ts';
import { openLoopbackServer } from './loopback-server.ts';
import { definitionTable, escapeHtml, sendPage } from './page.ts';

/** The application `verify`: shows each header it received and, checked as an application should check it, what the assertion says. */
export function openVerifyApp(options: { readonly posternPort: number; readonly caPem: string }): Promise<LoopbackServer> {
  return openLoopbackServer(0, async (request, response) => {
    const host = hostOf(request);
    const assertion = headerOf(request, 'x-pomerium-jwt-assertion');
    // Anything but a host of the demo is a name that no assertion was ever made for.
    const hostname = `${host?.name ?? 'unknown'}.${domain}`;
    const checked = await checkAssertion({ ...options, assertion, hostname });
    answer(response, { request, host, checked, port: options.posternPort });
  });
}

/** Postern alone writes this header, so it says truly which host was asked for. */
function hostOf(request: IncomingMessage): DemoHost | undefined {
  const hostname = (headerOf(request, 'x-forwarded-host') ?? '').split(':', 1)[0];
  return demoHosts.find(({ name }) => hostname === `${name}.${domain}`);
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

interface Facts {
  readonly request: IncomingMessage;
  readonly host: DemoHost | undefined;
  readonly checked: CheckedAssertion;
  readonly port: number;
}

function answer(response: ServerResponse, { request, host, checked, port }: Facts): void {
  const { rawHeaders } = request;
  const headers = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : []));
  const ofPostern = headers.filter(([name]) => isOfPostern(name));
  const ofTheBrowser = headers.filter(([name]) => !isOfPostern(name));
  sendPage(response, {
    speaker: 'The application verify, behind Postern',
    title: `${host?.name ?? 'unknown'}: what the application received`,
    body: [
      whoIsAsking(checked),
      ...(host === undefined ? [] : [`<p>Postern lets in here: ${escapeHtml(host.letsIn)}.</p>`]),
      ...(checked.kind === 'genuine' ? [definitionTable('What the assertion says', claimRows(checked.claims))] : []),
      definitionTable('Headers that Postern wrote', ofPostern),
      definitionTable(`The other headers of ${request.method} ${request.url}`, ofTheBrowser),
      links(port),
    ].join('\n'),
  });
}

/** Of these only X-Forwarded-For also holds what the client claimed, before the address that Postern saw. */
function isOfPostern(name: string): boolean {
  return /^x-(?:pomerium-|forwarded-|request-id$)/i.test(name);
}

function whoIsAsking(checked: CheckedAssertion): string {
  if (checked.kind === 'absent') return '<p class="lead">Nobody is signed in: this request carries no assertion.</p>';
  if (checked.kind === 'refused') return `<p class="lead bad">The assertion is not to be believed: ${escapeHtml(checked.why)}.</p>`;
  const { name, sub, email } = checked.claims;
  return `<p class="lead"><strong>${escapeHtml(`${text(name ?? sub)} <${text(email)}>`)}</strong> is signed in.</p>
<p class="good">✓ The assertion’s signature, issuer, audience and times were checked.</p>`;
}

function claimRows(claims: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] {
  return Object.entries(claims).map(([name, value]) => [name, times.has(name) ? time(value) : text(value)]);
}

const times: ReadonlySet<string> = new Set(['iat', 'exp', 'nbf']);

function time(seconds: unknown): string {
  return `${text(seconds)} (${new Date(Number(seconds) * 1000).toISOString()})`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function links(port: number): string {
  const hosts = demoHosts.map(({ name }) => `<a href="${originOf(name, port)}/">${name}</a>`);
  return `<nav aria-label="The demo">${hosts.join(' · ')} · <a href="/.pomerium/">your session</a> · <a href="/.pomerium/sign_out">sign out</a></nav>`;
}
