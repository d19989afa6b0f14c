import type { CertificateVerdict } from '../../certificate/verdict.ts';
import type { Side } from '../decision.ts';
import { parsed } from '../parsed.ts';
import type { CompiledCriterion } from '../policy-tree.ts';
import { describeVerdict } from './describe-verdict.ts';
import type { CriterionKind } from './criterion-kind.ts';
import { dependently, fixedSide } from './criterion-kind.ts';

type Sides = Readonly<Record<CertificateVerdict['kind'], Side>>;

const sides: Sides = {
  none: fixedSide(true, 'client-certificate-required'),
  invalid: fixedSide(true, 'invalid-client-certificate'),
  valid: fixedSide(false, 'valid-client-certificate'),
  // Nothing was asked for, so nothing is wrong with what came.
  'no-authority': fixedSide(false, 'valid-client-certificate'),
};

// Whoever presents none comes as anybody does. An invalid one is refused all the same: it was meant to prove something.
const sidesWhereOptional: Sides = { ...sides, none: fixedSide(false, 'valid-client-certificate') };

/** `invalid_client_certificate`: what the default denial is made of where a certificate is required. */
export const invalidClientCertificateCriterion: CriterionKind = {
  name: 'invalid_client_certificate',
  operand: 'anything',
  takesPath: false,
  needsPerson: false,
  whenTrue: ['client-certificate-required', 'invalid-client-certificate'],
  whenFalse: ['valid-client-certificate'],
  compile: () => parsed(bySides(sides)),
};

/** The default denial where a certificate is optional; in a policy it can't be written. */
export const presentedInvalidCertificateCriterion: CriterionKind = {
  ...invalidClientCertificateCriterion,
  whenTrue: ['invalid-client-certificate'],
  compile: () => parsed(bySides(sidesWhereOptional)),
};

function bySides(answers: Sides): CompiledCriterion {
  return dependently(
    ({ certificate }) => answers[certificate.kind],
    ({ certificate }) => describeVerdict(certificate),
  );
}
