import { request } from 'node:https';
import { verifyJwtSync } from 'aws-jwt-verify/jwt-verifier';
import { domain } from './demo-hosts.ts';

export type CheckedAssertion =
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'genuine'; readonly claims: Readonly<Record<string, unknown>> };

export interface AssertionCheck {
  readonly assertion: string | undefined;
  /** The host that the visitor asked for: the only issuer and audience to accept. */
  readonly hostname: string;
  readonly posternPort: number;
  /** The authority that Postern's own certificate has to come from. */
  readonly caPem: string;
}

/** What every application behind Postern should do: check signature, issuer, audience and time before believing who is asking. */
export async function checkAssertion({ assertion, hostname, posternPort, caPem }: AssertionCheck): Promise<CheckedAssertion> {
  if (assertion === undefined) return { kind: 'absent' };
  try {
    const keys: Parameters<typeof verifyJwtSync>[1] = JSON.parse(await fetchKeys(posternPort, caPem));
    return { kind: 'genuine', claims: verifyJwtSync(assertion, keys, { issuer: hostname, audience: hostname }) };
  } catch (error) {
    return { kind: 'refused', why: error instanceof Error ? error.message : String(error) };
  }
}

function fetchKeys(port: number, ca: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const host = `auth.${domain}`;
  // Not every system resolves names under localhost, so the address is given and the name only spoken.
  const options = {
    host: '127.0.0.1',
    port,
    servername: host,
    headers: { host: `${host}:${port}` },
    path: '/.well-known/pomerium/jwks.json',
  };
  const outgoing = request({ ...options, ca, timeout: 3000, agent: false }, (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    response.on('end', () =>
      response.statusCode === 200 ? resolve(body) : reject(new Error(`The keys are not there: status ${response.statusCode}`)),
    );
    response.on('error', reject);
  });
  outgoing.on('timeout', () => outgoing.destroy(new Error('The keys did not come in time'))).on('error', reject);
  outgoing.end();
  return promise;
}
