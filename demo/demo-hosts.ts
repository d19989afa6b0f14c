/** The hosts of the demo, in the order in which they are worth a visit. */
export interface DemoHost {
  readonly name: string;
  /** Completes "lets in …". */
  readonly letsIn: string;
  /** What there is to see, where that is not plain already. */
  readonly shows?: string;
  /** Which of the two applications stands behind it. */
  readonly upstream: 'verify' | 'echo';
  /** What its route says about access, as lines of YAML. */
  readonly access: readonly string[];
}

export const domain = 'postern.localhost';

export const demoHosts: readonly DemoHost[] = [
  {
    name: 'public',
    letsIn: 'everybody, signed in or not',
    shows: 'what the application receives, as JSON',
    upstream: 'echo',
    access: ['allow_public_unauthenticated_access: true'],
  },
  {
    name: 'signed-in',
    letsIn: 'everybody who signed in',
    shows: 'the headers and the checked assertion',
    upstream: 'verify',
    access: ['allow_any_authenticated_user: true'],
  },
  {
    name: 'admins',
    letsIn: 'the group admins',
    shows: 'Alice passes, Bob and Carol do not',
    upstream: 'verify',
    access: ['policy:', '  - allow:', '      or:', '        - groups:', '            has: admins'],
  },
  {
    name: 'certificate',
    letsIn: 'everybody with a client certificate, without sign-in',
    upstream: 'verify',
    access: ['allow_public_unauthenticated_access: true', 'tls_downstream_client_ca_file: ca.pem'],
  },
  {
    name: 'both',
    letsIn: 'everybody with a client certificate, after sign-in',
    upstream: 'verify',
    access: ['allow_any_authenticated_user: true', 'tls_downstream_client_ca_file: ca.pem'],
  },
  {
    name: 'socket',
    letsIn: 'everybody',
    shows: 'a WebSocket that answers what it is sent; open it to try',
    upstream: 'echo',
    access: ['allow_public_unauthenticated_access: true', 'allow_websockets: true'],
  },
];

/** One line about a host, for lists and comments. */
export function describeHost({ letsIn, shows }: DemoHost): string {
  return shows === undefined ? letsIn : `${letsIn}: ${shows}`;
}

/** `https://public.postern.localhost:8443` for `public`. */
export function originOf(name: string, port: number): string {
  return `https://${name}.${domain}:${port}`;
}
