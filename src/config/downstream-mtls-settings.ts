import type { AcceptedCertificate, PassedCertificate } from './certificate-header-settings.ts';
import type {
  Authentication,
  CertificateIdentitySettings,
  CertificateLinkSettings,
  FixedIdentitySettings,
  NamedAuthority,
  SessionBindingMode,
} from './certificate-identity-settings.ts';
import type { SettingPath } from './problem.ts';
import type { RevocationSettings } from './revocation-settings.ts';
import type { AuthenticateSettings, NamedText } from './settings.ts';

export type Enforcement = 'policy_with_default_deny' | 'policy' | 'reject_connection';

export interface DownstreamMtlsSettings {
  /** PEM bundle; also from `client_ca(_file)`. */
  readonly ca: NamedText | undefined;
  readonly enforcement: Enforcement;
  /** 0: unlimited. */
  readonly maxVerifyDepth: number;
  /** PEM, one list or several; also from `client_crl(_file)`. */
  readonly crl: NamedText | undefined;
  /** One of them has to match where there are any. */
  readonly matchSubjectAltNames: readonly SubjectAltNamePattern[];
  /** Whether the handshake names the CAs whose certificates are wanted. */
  readonly sendCaNames: boolean;
  /** Whether an intermediate of the CA file is trusted by itself, or only on a path to a root of the file. */
  readonly allowPartialChain: boolean;
  /** Whether a leaf without extended key usage is refused. */
  readonly requireClientAuthEku: boolean;
  /** Of routes that say nothing of their own. */
  readonly revocation: RevocationSettings;
}

/** `none`: this route wants no certificate. `optional`: none is fine, a bad one is not. */
export type ClientCertificateMode = 'required' | 'optional' | 'none';

export type CertificateDeniedStatus = 495 | 401 | 403;

export interface SubjectAltNamePattern {
  readonly type: 'dns' | 'email' | 'ip_address' | 'uri' | 'user_principal_name';
  /** RE2, for the whole value. */
  readonly pattern: string;
  readonly place: SettingPath;
}

/** What the whole configuration says of client certificates, beside `downstream_mtls`. */
export interface CertificateSettings {
  /** Those of the top level: who a certificate signs in as. */
  readonly certificateIdentities: readonly CertificateIdentitySettings[];
  readonly certificateLinks: readonly CertificateLinkSettings[];
  readonly certificateAuthorities: readonly NamedAuthority[];
  /** Peers whose certificate headers say what was presented. */
  readonly acceptedCertificates: readonly AcceptedCertificate[];
  /** Where certificates are linked to accounts and signed in with; undefined: nowhere. No route has this host. */
  readonly certificateSignIn: AuthenticateSettings | undefined;
  /** Whether the page of the sign-in offers a certificate beside the provider. */
  readonly signInWithCertificate: boolean;
}

/** What one route says of client certificates. */
export interface RouteCertificateSettings {
  /** Undefined: as `enforcement` says, and optional with `authentication: either`. */
  readonly clientCertificateMode: ClientCertificateMode | undefined;
  /** The status of a refusal because of the certificate. */
  readonly certificateDeniedStatus: CertificateDeniedStatus;
  readonly revocation: RevocationSettings;
  readonly authentication: Authentication;
  /** The route's own rules, or those of the top level. */
  readonly certificateIdentities: readonly CertificateIdentitySettings[];
  /** Whoever asks without a certificate that says more. */
  readonly anonymousIdentity: FixedIdentitySettings | undefined;
  /** Whoever has a valid certificate that no rule maps. */
  readonly defaultIdentity: FixedIdentitySettings | undefined;
  /** Undefined: sessions work over every connection. */
  readonly bindSession: SessionBindingMode | undefined;
  readonly passClientCertificate: readonly PassedCertificate[];
  /** Where that stands: on the route or at the top. */
  readonly passClientCertificatePath: SettingPath;
}
