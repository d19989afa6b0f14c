import { existsSync, readFileSync } from 'node:fs';

// From the program as it is built, a few files in one folder, and from this file among the sources. Not the other way round: what lies above an
// installation is somebody else's.
const places: readonly string[] = ['../package.json', '../../package.json'];

/** The version in package.json. */
export function version(): string {
  const place = places.map((each) => new URL(each, import.meta.url)).find((url) => existsSync(url));
  const manifest: unknown = place === undefined ? null : JSON.parse(readFileSync(place, 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
}
