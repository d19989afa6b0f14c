import type { CertificationPath } from './certification-path.ts';

const anyPolicy = '2.5.29.32.0';

/**
 * The certificate policies of the leaf that its issuers let it have, as dotted numbers. An authority whose own certificate lists
 * policies may grant no others (RFC 5280 section 4.2.1.4), or any clerk's CA could call its certificates qualified. One that lists none limits nothing, which is
 * milder than section 6.1.3 (f): private authorities rarely list any. Roots are listed by an operator, and not limited by themselves.
 */
export function policiesGranted(path: CertificationPath): readonly string[] {
  const [leaf, ...authorities] = path;
  const limits = authorities.flatMap(({ policyOids, subjectCanonical, issuerCanonical }) =>
    policyOids === undefined || policyOids.includes(anyPolicy) || subjectCanonical === issuerCanonical ? [] : [new Set(policyOids)],
  );
  return (leaf?.policyOids ?? []).filter((oid) => limits.every((limit) => limit.has(oid)));
}
