import { enforcements } from './choices.ts';
import { writePath } from './problem.ts';
import type { RawSettings } from './raw-settings.ts';
import { readChoice } from './read-value.ts';
import type { Reading } from './reading.ts';
import type { DownstreamMtlsSettings, NamedText } from './settings.ts';
import type { WrittenText } from './written-text.ts';
import { filePath, readPem } from './written-text.ts';

/** Client certificates; `client_ca` and `client_ca_file` are older spellings of the CA keys. */
export function readDownstreamMtls(reading: Reading, raw: RawSettings): DownstreamMtlsSettings {
  const { enforcement, max_verify_depth: depth } = raw.downstream_mtls;
  const enforcementPath = ['downstream_mtls', 'enforcement'];
  return {
    ca: readClientCa(reading, raw),
    enforcement: readChoice(reading, enforcementPath, { text: enforcement, words: enforcements }) ?? 'reject_connection',
    maxVerifyDepth: readDepth(reading, depth),
  };
}

function readClientCa(reading: Reading, raw: RawSettings): NamedText | undefined {
  const current = { path: ['downstream_mtls', 'ca'], inline: raw.downstream_mtls.ca, file: raw.downstream_mtls.ca_file };
  const older = { path: ['client_ca'], inline: raw.client_ca, file: raw.client_ca_file };
  if (isWritten(current) && isWritten(older)) {
    const path = writtenPath(older);
    reading.error(
      path,
      `${writePath(path)} is an older spelling of ${writePath(writtenPath(current))}, and both are set: keep one of them`,
    );
    return undefined;
  }
  return readPem(reading, isWritten(older) ? older : current);
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
