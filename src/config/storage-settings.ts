import { fileURLToPath } from 'node:url';
import { storageTypes } from './choices.ts';
import type { SettingPath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { RawOperationSettings } from './raw-settings.ts';
import { readChoice } from './read-value.ts';
import type { Reading } from './reading.ts';
import { filePath, readPassword } from './written-text.ts';

/** The absolute name of the directory that keeps sessions and secrets, from either spelling; undefined: they stay in memory. */
export function readStateDirectory(reading: Reading, raw: RawOperationSettings): string | undefined {
  const own = readOwn(reading, raw.state_directory);
  const type = readType(reading, raw.databroker_storage_type);
  const foreign = readForeign(reading, raw, type);
  const path = ['databroker_storage_type'];
  if (own === undefined || type === undefined) return own ?? foreign;
  if (type === 'memory') {
    const message = 'databroker_storage_type "memory" keeps nothing, and state_directory says where to keep it: keep one of them';
    reading.error(path, message, { code: 'conflicting-keys' });
  } else if (foreign !== undefined && foreign !== own) {
    const message = 'state_directory and databroker_storage_connection_string name different directories: keep one of them';
    reading.error(writtenPath(raw), message, { code: 'conflicting-keys' });
  }
  return own;
}

const connectionPath = ['databroker_storage_connection_string'];

function readOwn(reading: Reading, written: string | undefined): string | undefined {
  const path = ['state_directory'];
  if (written === undefined) return undefined;
  if (written.trim() === '' || written.includes('\0')) {
    reading.error(path, 'state_directory is empty: write the name of a directory, or leave the key out');
    return undefined;
  }
  // systemd joins several directories of a unit with colons; which of them was meant is not ours to guess.
  if (written.includes(':')) {
    reading.error(path, 'state_directory holds a colon: name one directory, with one entry in StateDirectory= of the systemd unit');
    return undefined;
  }
  return reading.resolveName(path, written);
}

function readType(reading: Reading, text: string | undefined): 'memory' | 'file' | undefined {
  const path = ['databroker_storage_type'];
  const lower = text?.toLowerCase();
  const quoted = `databroker_storage_type ${quoteValue(text)}`;
  if (lower === 'postgres') {
    reading.error(path, `${quoted} is not supported yet: write state_directory to keep sessions in a directory`, {
      code: 'not-supported-yet',
    });
    return undefined;
  }
  if (lower === 'redis') {
    const message = `${quoted} was removed from Pomerium and means nothing here: write state_directory to keep sessions in a directory`;
    reading.error(path, message, { code: 'removed-key' });
    return undefined;
  }
  return text === undefined ? undefined : readChoice(reading, path, { text, words: storageTypes });
}

/** The directory of `file:///directory`. A connection string can hold a password, so it is never quoted. */
function readForeign(reading: Reading, raw: RawOperationSettings, type: 'memory' | 'file' | undefined): string | undefined {
  const { databroker_storage_connection_string: inline, databroker_storage_connection_string_file: file } = raw;
  const key = 'databroker_storage_connection_string';
  const place = writtenPath(raw);
  const isRefused = reading.isRefused(connectionPath) || reading.isRefused(filePath(connectionPath));
  if (type !== 'file') {
    const isUseless = (inline ?? file) !== undefined && (type === 'memory' || raw.databroker_storage_type === undefined);
    if (isUseless && !reading.isRefused(['databroker_storage_type']))
      reading.warning(place, `${key} has no effect without databroker_storage_type: file`, 'no-effect');
    return undefined;
  }
  if (inline === undefined && file === undefined && raw.state_directory === undefined && !isRefused) {
    reading.error(['databroker_storage_type'], `${key} is missing: write file:///directory, or state_directory`, { code: 'missing-key' });
  }
  const text = readPassword(reading, { path: connectionPath, inline, file });
  const directory = text === undefined ? undefined : directoryOf(text);
  if (text !== undefined && directory === undefined) reading.error(place, `${key} must be file:///directory, with three slashes`);
  return directory;
}

function writtenPath({ databroker_storage_connection_string: inline }: RawOperationSettings): SettingPath {
  return inline === undefined ? filePath(connectionPath) : connectionPath;
}

function directoryOf(text: string): string | undefined {
  if (!/^file:\/\/\/[^?#\\\s]+$/i.test(text)) return undefined;
  try {
    const directory = fileURLToPath(text);
    return directory.length > 1 && directory.endsWith('/') ? directory.slice(0, -1) : directory;
  } catch {
    // `%2F` and broken escapes: what they stand for is not ours to guess.
    return undefined;
  }
}
