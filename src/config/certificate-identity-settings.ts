import type { SettingPath } from './problem.ts';
import type { NamedText } from './settings.ts';

/** What of a request says who asks: the session alone, the certificate alone, whichever there is, or both together. */
export type Authentication = 'session' | 'client_certificate' | 'either' | 'both';

/** What of a certificate says who its holder is. */
export type CertificateValue =
  | 'subject_cn'
  | 'subject_email'
  | 'subject_dn'
  | 'san_email'
  | 'san_upn'
  | 'san_dns'
  | 'san_uri'
  | 'serial'
  | 'fingerprint'
  | 'spki';

/** RE2, for the whole value; one capture group at most, which then is the value. */
export interface ValuePattern {
  readonly pattern: string;
  readonly place: SettingPath;
}

/** One entry of `certificate_identities`. */
export interface CertificateIdentitySettings {
  readonly name: string;
  readonly path: SettingPath;
  /** Only for chains that end at one of these authorities; undefined: at any that the route accepts. */
  readonly ca: NamedText | undefined;
  /** `linked`: the account that the certificate was linked to. */
  readonly from: CertificateValue | 'linked';
  readonly match: ValuePattern | undefined;
  readonly to: 'email' | 'user';
  /** Domains of e-mail addresses that the rule may give out, lower case; empty where `match` fixes the domain. */
  readonly domains: readonly string[];
  /** User ids mean what they mean at the provider: no prefix sets them apart. */
  readonly sameUsersAsProvider: boolean;
  readonly groups: CertificateGroups;
  readonly nameFrom: CertificateValue | undefined;
}

export type CertificateGroups =
  | { readonly kind: 'fixed'; readonly groups: readonly string[] }
  | {
      readonly kind: 'from';
      readonly from: 'subject_ou' | 'subject_o' | 'san_uri';
      readonly match: ValuePattern | undefined;
      readonly allowed: readonly string[];
    };

/** One entry of `certificate_links`: the account of a name, by the operator's hand. */
export interface CertificateLinkSettings {
  readonly path: SettingPath;
  /** Compared with every subject alternative name; with the common name where there is none. */
  readonly subjectName: string;
  /** Only for chains that end at one of these authorities. */
  readonly ca: NamedText | undefined;
  /** One of the two at least. */
  readonly user: string | undefined;
  readonly email: string | undefined;
}

/** Somebody who is taken literally: `anonymous_identity`, `default_identity`. */
export interface FixedIdentitySettings {
  readonly user: string;
  readonly email: string | undefined;
  readonly name: string | undefined;
  readonly groups: readonly string[];
}

/** What a session made at sign-in is tied to: the very certificate, its key, or whoever the certificate stands for. */
export type SessionBindingMode = 'certificate' | 'spki' | 'identity';

/** One entry of `client_certificate_authorities`: a name for anchors, by key. */
export interface NamedAuthority {
  readonly name: string;
  readonly path: SettingPath;
  /** Undefined: it could not be read, which is told; such settings are compiled for their further problems alone. */
  readonly file: NamedText | undefined;
}
