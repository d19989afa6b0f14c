import type { CaBundle } from './ca-bundle.ts';
import type { CrlBundle } from './crl-bundle.ts';
import type { SubjectAltNameRule } from './subject-alt-name-rule.ts';

/** What counts for every certificate, whatever the authorities of the route. */
export interface TrustRules {
  /** 0: no limit. */
  readonly maxVerifyDepth: number;
  /** Undefined: none are configured, and nothing is revoked. */
  readonly crls: CrlBundle | undefined;
  /** Undefined: any names will do. */
  readonly subjectAltNames: SubjectAltNameRule | undefined;
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
