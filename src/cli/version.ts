import { existsSync, readFileSync } from 'node:fs';

// From this file among the sources, and from the compiled program, which is put together to a few files in one folder.
const places: readonly string[] = ['../../package.json', '../package.json'];

/** The version in package.json. */
export function version(): string {
  const place = places.map((each) => new URL(each, import.meta.url)).find((url) => existsSync(url));
  const manifest: unknown = place === undefined ? null : JSON.parse(readFileSync(place, 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
}
