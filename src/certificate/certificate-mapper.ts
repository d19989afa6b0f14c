import type { AccountLookup, CertificateMapper, CertificateMapping, LinkedAccount, MappingDetail } from './certificate-mapping.ts';
import type { IdentityRule } from './identity-rule.ts';
import type { ValidCertificate } from './verdict.ts';

interface Remembered {
  /** Undefined: the mapping did not depend on it. */
  readonly account: LinkedAccount | 'none' | undefined;
  readonly mapping: CertificateMapping;
}

/**
 * Tries the rules in order: the first that applies and yields exactly one value says who it is. Mappings are remembered for as
 * long as the verdict lives, so that one and the same identity comes out until the certificate is judged anew.
 */
export function openCertificateMapper(rules: readonly IdentityRule[]): CertificateMapper {
  const remembered = new WeakMap<ValidCertificate, Remembered>();
  return {
    map(certificate, accountOf) {
      const known = remembered.get(certificate);
      if (known !== undefined && known.account === undefined) return known.mapping;
      let lookup: AccountLookup | undefined;
      const lookUp = (): AccountLookup => (lookup ??= accountOf(certificate.leaf.fingerprint));
      if (known !== undefined && known.account === accountIn(lookUp())) return known.mapping;
      const mapping = search(rules, certificate, lookUp);
      if (mapping.kind !== 'loading') remembered.set(certificate, { account: accountIn(lookup), mapping });
      return mapping;
    },
  };
}

function accountIn(lookup: AccountLookup | undefined): Remembered['account'] {
  return lookup?.kind === 'account' ? lookup.account : lookup?.kind === 'none' ? 'none' : undefined;
}

/** What is told when nobody was found: how far the rule came that came furthest, the last one of several. */
const distance: Readonly<Record<MappingDetail, number>> = {
  'no-rule': 0,
  'no-value': 1,
  'value-refused': 2,
  'domain-not-allowed': 3,
  'several-values': 4,
};

function search(rules: readonly IdentityRule[], certificate: ValidCertificate, lookUp: () => AccountLookup): CertificateMapping {
  let furthest: Extract<CertificateMapping, { kind: 'not-mapped' }> = {
    kind: 'not-mapped',
    detail: 'no-rule',
    explanation: 'no rule of certificate_identities is for an authority that the certificate leads to',
  };
  for (const rule of rules) {
    if (!rule.appliesTo(certificate)) continue;
    const outcome = rule.map(certificate, lookUp);
    // Several values end the search: the next rule may know one of them only, and would choose by accident.
    if (outcome.kind !== 'not-mapped' || outcome.detail === 'several-values') return outcome;
    if (distance[outcome.detail] >= distance[furthest.detail]) furthest = outcome;
  }
  return furthest;
}
