import type { CertificateMapping } from '../certificate/certificate-mapping.ts';
import type { LeafFacts } from '../certificate/verdict.ts';
import type { JwtIssuerFormat } from '../config/settings.ts';
import type { Inbound } from '../http/inbound.ts';
import type { Reply } from '../http/reply.ts';
import type { Identity } from '../identity/create-identity.ts';
import type { Person } from '../identity/person.ts';

/** A page or document of Postern's own. */
export interface Endpoint {
  /** Its path, as `explain` and the log name it. */
  readonly name: string;
  /** Whether a stranger must be sent to sign in before `serve` is called. */
  readonly needsSession: boolean;
  /** Whether strangers are sent to sign in, before it or by it: whoever would come back as a stranger must not be sent there. */
  readonly signsIn: boolean;
  /** Whether it looks at who is asking: only then is a session read, so that health checks need no store. */
  readonly usesPerson: boolean;
  /** Whether it looks at the certificate of the connection: then the connection has to be one for this host, else the answer is 421. */
  readonly usesCertificate: boolean;
  /** Answers every method, also those it does not serve (405). Faults of identity pass through as `ProxyFailure`. */
  serve(context: EndpointContext): Promise<Reply> | Reply;
}

/** What an endpoint may look at. */
export interface EndpointContext {
  readonly inbound: Inbound;
  readonly isAuthenticateHost: boolean;
  readonly person: Person | undefined;
  readonly identity: Pick<
    Identity,
    | 'signIn'
    | 'startSignIn'
    | 'finishSignIn'
    | 'askCertificate'
    | 'finishCertificateSignIn'
    | 'acceptHandOver'
    | 'beginLogin'
    | 'finishLogin'
    | 'signOut'
    | 'assertionFor'
    | 'jwks'
    | 'linksOf'
    | 'link'
    | 'unlink'
    | 'mayLink'
    | 'linkForms'
  >;
  /** Undefined when nobody can sign in. */
  readonly authenticateUrl: URL | undefined;
  /** How assertions that are shown here name their issuer. */
  readonly jwtIssuerFormat: JwtIssuerFormat;
  /** The host where certificates are linked and signed in with; absent: there is none. */
  readonly certificateUrl?: URL | undefined;
  /** Whether this is that host. */
  readonly isCertificateHost?: boolean;
  /** Who the certificate of the connection stands for, by the rules of the top level; asked again after `loading`. Absent elsewhere. */
  readonly certificateIdentity?: (() => CertificateMapping) | undefined;
  /** The certificate of the connection, where a route of this host has judged it; undefined when there is nothing to tell. */
  readonly certificate?: CertificateFacts | undefined;
  /** Origins that signing out may lead to and that are not https, such as a provider on loopback. */
  readonly signOutOrigins?: readonly string[] | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What its owner may read about a client certificate; never why one was refused. */
export interface CertificateFacts {
  /** RFC 4514. */
  readonly subject: string;
  /** SHA-256 of the DER, lower hex. */
  readonly fingerprint: string;
  /** Standard base64 of the SHA-256 of the SubjectPublicKeyInfo. */
  readonly spkiHash: string;
  readonly valid: boolean;
  /** All that may be known of it, where it can be linked and signed in with: at the certificate host. */
  readonly leaf?: LeafFacts | undefined;
}
