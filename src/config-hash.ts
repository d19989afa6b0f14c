import { createHash } from 'node:crypto';
import type { SettingsDocument } from './config/settings.ts';

/** Names a configuration in the metrics; a hash of what was read, secrets left out by their own JSON form. */
export function configHash(document: SettingsDocument): string {
  return createHash('sha256').update(JSON.stringify(document.settings)).digest('hex');
}
