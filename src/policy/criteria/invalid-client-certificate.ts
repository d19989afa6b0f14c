import type { CertificateVerdict } from '../../certificate/verdict.ts';
import type { Side } from '../decision.ts';
import { parsed } from '../parsed.ts';
import { describeVerdict } from './describe-verdict.ts';
import type { CriterionKind } from './criterion-kind.ts';
import { dependently, fixedSide } from './criterion-kind.ts';

const sides: Readonly<Record<CertificateVerdict['kind'], Side>> = {
  none: fixedSide(true, 'client-certificate-required'),
  invalid: fixedSide(true, 'invalid-client-certificate'),
  valid: fixedSide(false, 'valid-client-certificate'),
  // Nothing was asked for, so nothing is wrong with what came.
  'no-authority': fixedSide(false, 'valid-client-certificate'),
};

/** `invalid_client_certificate`: what the default denial is made of. */
export const invalidClientCertificateCriterion: CriterionKind = {
  name: 'invalid_client_certificate',
  operand: 'anything',
  takesPath: false,
  needsPerson: false,
  whenTrue: ['client-certificate-required', 'invalid-client-certificate'],
  whenFalse: ['valid-client-certificate'],
  compile: () =>
    parsed(
      dependently(
        ({ certificate }) => sides[certificate.kind],
        ({ certificate }) => describeVerdict(certificate),
      ),
    ),
};
