import type { RevocationSettings } from '../config/revocation-settings.ts';
import type { CaBundle } from './ca-bundle.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { isSelfSigned } from './certification-path.ts';
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
  /** The certificates of the bundle that a path may end at; none where no partial chain is allowed and nothing in it is self-signed. */
  readonly anchors: readonly CertificateFacts[];
  /** The others of the bundle: they lead somewhere as if they had been sent along. */
  readonly intermediates: readonly CertificateFacts[];
  /** Equal for what judges alike: a verdict given under it may be remembered, as far as time and the answers of the network allow. */
  readonly id: string;
}

/** The authorities of a route together with the rules that count everywhere. */
export function buildTrust(bundle: CaBundle, rules: TrustRules): CertificateTrust {
  const isAnchor = (facts: CertificateFacts): boolean => rules.allowPartialChain !== false || isSelfSigned(facts);
  const all = bundle.anchors.map(({ facts }) => ({ facts, isAnchor: isAnchor(facts) }));
  return {
    ...rules,
    bundle,
    anchors: all.filter((each) => each.isAnchor).map(({ facts }) => facts),
    intermediates: all.filter((each) => !each.isAnchor).map(({ facts }) => facts),
    id: trustId(bundle, rules),
  };
}

function trustId(bundle: CaBundle, rules: TrustRules): string {
  const { maxVerifyDepth, crls, subjectAltNames, allowPartialChain = true, requireClientAuthEku = false, revocation } = rules;
  return JSON.stringify([
    bundle.id,
    maxVerifyDepth,
    crls?.id ?? null,
    subjectAltNames?.id ?? null,
    allowPartialChain,
    requireClientAuthEku,
    revocation === undefined ? null : revocationId(revocation),
  ]);
}

/** Who answers is no part of it: answers are compared one by one. Whether anybody does is. */
function revocationId({ settings, network }: RevocationRules): readonly unknown[] {
  const { mode, sources, check, staleGraceMs, timeoutMs, cacheTtlMs, allowedHosts } = settings;
  return [mode, sources, check, staleGraceMs, timeoutMs, cacheTtlMs, allowedHosts, network !== undefined];
}
