import { enforcements } from './choices.ts';
import { writePath } from './problem.ts';
import type { RawIdentitySettings } from './raw-settings.ts';
import { readChoice } from './read-value.ts';
import type { Reading } from './reading.ts';
import type { DownstreamMtlsSettings } from './downstream-mtls-settings.ts';
import type { NamedText } from './settings.ts';
import type { RevocationSettings } from './revocation-settings.ts';
import { readRevocationLists } from './read-revocation-lists.ts';
import { readSubjectAltNames } from './subject-alt-names.ts';
import type { WrittenText } from './written-text.ts';
import { filePath, readPem } from './written-text.ts';

/** Client certificates; `client_ca(_file)` and `client_crl(_file)` are older spellings. How revocation is looked up was read for the routes before. */
export function readDownstreamMtls(reading: Reading, raw: RawIdentitySettings, revocation: RevocationSettings): DownstreamMtlsSettings {
  const { enforcement, max_verify_depth: depth, match_subject_alt_names: names } = raw.downstream_mtls;
  const enforcementPath = ['downstream_mtls', 'enforcement'];
  return {
    ca: readEither(reading, raw, 'ca'),
    enforcement: readChoice(reading, enforcementPath, { text: enforcement, words: enforcements }) ?? 'reject_connection',
    maxVerifyDepth: readDepth(reading, depth),
    crl: readEither(reading, raw, 'crl'),
    matchSubjectAltNames: readSubjectAltNames(reading, names),
    sendCaNames: raw.downstream_mtls.send_ca_names,
    allowPartialChain: raw.downstream_mtls.allow_partial_chain,
    requireClientAuthEku: raw.downstream_mtls.require_client_auth_eku,
    revocation,
  };
}

function readEither(reading: Reading, raw: RawIdentitySettings, key: 'ca' | 'crl'): NamedText | undefined {
  const current = { path: ['downstream_mtls', key], inline: raw.downstream_mtls[key], file: raw.downstream_mtls[`${key}_file`] };
  const older = { path: [`client_${key}`], inline: raw[`client_${key}`], file: raw[`client_${key}_file`] };
  if (isWritten(current) && isWritten(older)) {
    const path = writtenPath(older);
    const message = `${writePath(path)} is an older spelling of ${writePath(writtenPath(current))}, and both are set: keep one of them`;
    reading.error(path, message, { code: 'conflicting-keys' });
    return undefined;
  }
  const written = isWritten(older) ? older : current;
  return key === 'crl' ? readRevocationLists(reading, written) : readPem(reading, written);
}

function isWritten({ inline, file }: WrittenText): boolean {
  return inline !== undefined || file !== undefined;
}

function writtenPath({ path, inline }: WrittenText): WrittenText['path'] {
  return inline === undefined ? filePath(path) : path;
}

const deepest = 100;

function readDepth(reading: Reading, depth: number): number {
  if (Number.isInteger(depth) && depth >= 0 && depth <= deepest) return depth;
  reading.error(
    ['downstream_mtls', 'max_verify_depth'],
    `downstream_mtls.max_verify_depth ${depth} must be a whole number from 0 (any depth) to ${deepest}`,
  );
  return 1;
}
