import type { RevocationSettings } from '../config/revocation-settings.ts';
import type { CaBundle } from './ca-bundle.ts';
import type { CrlBundle } from './crl-bundle.ts';
import type { RevocationLookup } from './revocation-lookup.ts';
import type { SubjectAltNameRule } from './subject-alt-name-rule.ts';

/** What counts for every certificate, whatever the authorities of the route. */
export interface TrustRules {
  /** 0: no limit. */
  readonly maxVerifyDepth: number;
  /** Undefined: none are configured, and nothing is revoked. */
  readonly crls: CrlBundle | undefined;
  /** Undefined: any names will do. */
  readonly subjectAltNames: SubjectAltNameRule | undefined;
  /** Absent: yes. Otherwise a path has to end at a self-signed certificate of the CA file, and the others only lead there. */
  readonly allowPartialChain?: boolean;
  /** Absent: no. */
  readonly requireClientAuthEku?: boolean;
  /** Absent: lists in files count, and nothing else. */
  readonly revocation?: RevocationRules;
}

export interface RevocationRules {
  readonly settings: RevocationSettings;
  /** Undefined where the settings name no source on the network. */
  readonly network: RevocationLookup | undefined;
}

export interface CertificateTrust extends TrustRules {
  readonly bundle: CaBundle;
  /** Equal for what judges alike: a verdict given under it may be remembered, as far as time allows. */
  readonly id: string;
}

/** The authorities of a route together with the rules that count everywhere. */
export function buildTrust(bundle: CaBundle, rules: TrustRules): CertificateTrust {
  const { maxVerifyDepth, crls, subjectAltNames } = rules;
  const id = JSON.stringify([bundle.id, maxVerifyDepth, crls?.id ?? null, subjectAltNames?.id ?? null]);
  return { ...rules, bundle, id };
}
