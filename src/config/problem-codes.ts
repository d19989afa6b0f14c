import type { ProblemText } from './problem-text.ts';
import { warningTexts } from './warning-texts.ts';
import type { WarningCode } from './warning-texts.ts';

// The codes are part of the interface: operators write them behind `postern-ignore`, and docs/errors.md has an entry for each.

export type ErrorCode =
  | 'unreadable-configuration'
  | 'yaml-syntax'
  | 'unknown-key'
  | 'not-supported-yet'
  | 'removed-key'
  | 'wrong-type'
  | 'missing-key'
  | 'invalid-value'
  | 'conflicting-keys'
  | 'unreadable-file'
  | 'invalid-server-certificate'
  | 'invalid-client-ca'
  | 'invalid-crl'
  | 'invalid-signing-key'
  | 'invalid-policy'
  | 'invalid-expression';

export type ProblemCode = ErrorCode | WarningCode;

const errorTexts: Readonly<Record<ErrorCode, ProblemText>> = {
  'unreadable-configuration': {
    why: 'Without its configuration Postern would have to guess what to serve and to whom.',
    cure: 'Give the name of a readable file in YAML or JSON.',
  },
  'yaml-syntax': {
    why: 'A text that can be read in two ways may open a door that its author closed.',
    cure: 'Correct the YAML at the place that is shown.',
  },
  'unknown-key': {
    why: 'A misspelt key that was ignored would leave out a rule without a word.',
    cure: 'Correct the spelling, or remove the key.',
  },
  'not-supported-yet': {
    why: 'The key or value means something in Pomerium that Postern does not do, and to ignore it would change who gets in.',
    cure: 'Remove it, or do what the message says instead.',
  },
  'removed-key': {
    why: 'Pomerium removed the key, so that it has no effect there either.',
    cure: 'Write what the message says instead.',
  },
  'wrong-type': {
    why: 'The value is of another kind than the key takes.',
    cure: 'Write a value of the kind that the message names.',
  },
  'missing-key': {
    why: 'Something that is written needs another key to mean anything.',
    cure: 'Add the key that the message names.',
  },
  'invalid-value': {
    why: 'The value is of the right kind and means nothing to the key.',
    cure: 'Write a value as the message describes it.',
  },
  'conflicting-keys': {
    why: 'Two keys say the same thing or opposite things, and which one counts would be a guess.',
    cure: 'Keep one of them.',
  },
  'unreadable-file': {
    why: 'A file that the configuration names cannot be read.',
    cure: 'Correct the name or the permissions; relative names start at the folder of the file that names them.',
  },
  'invalid-server-certificate': {
    why: 'Clients could not connect with this certificate and key.',
    cure: 'Give a PEM certificate chain, the server certificate first, and the key that belongs to it.',
  },
  'invalid-client-ca': {
    why: 'A CA file that is broken in any part could let in nobody, or others than the ones meant.',
    cure: 'Give a PEM file that holds CA certificates and nothing else.',
  },
  'invalid-crl': {
    why: 'A revocation list that cannot be believed revokes nobody.',
    cure: 'Give a complete list, in PEM or DER, that is signed by one of the CAs.',
  },
  'invalid-signing-key': {
    why: 'Applications could not verify what they are told of people.',
    cure: 'Give PEM private keys of type EC P-256 or RSA.',
  },
  'invalid-policy': {
    why: 'A policy that is understood in part may let in people whom the rest keeps out.',
    cure: 'Correct the policy at the place that is shown.',
  },
  'invalid-expression': {
    why: 'The text is no RE2 expression, so that nobody knows what it was to match.',
    cure: 'Correct the expression; RE2 has no look-around and no back-references.',
  },
};

/** Every code that a problem can have; nothing starts while there is an error. */
export const problemTexts: Readonly<Record<ProblemCode, ProblemText>> = { ...errorTexts, ...warningTexts };

/** Whether a problem of this code keeps a configuration from being used. */
export function isErrorCode(code: ProblemCode): code is ErrorCode {
  return Object.hasOwn(errorTexts, code);
}
