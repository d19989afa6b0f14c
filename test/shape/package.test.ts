import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly engines: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface LockEntry {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly license?: string;
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'));
}

const manifest = read('package.json') as Manifest;
const { packages } = read('package-lock.json') as { readonly packages: Readonly<Record<string, LockEntry>> };
const production = Object.entries(packages).filter(([path, entry]) => path !== '' && entry.dev !== true);

describe('the package', () => {
  it('installs at most 50 packages, none with an install script, all under licences that ask for no more than a notice', () => {
    assert.ok(production.length <= 50, `${production.length} packages`);
    const harmless = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD']);
    const odd = production.filter(([, { hasInstallScript, license }]) => hasInstallScript === true || !harmless.has(license ?? ''));
    assert.deepEqual(odd, []);
  });

  it('pins every dependency', () => {
    const ranges = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
    assert.deepEqual(
      ranges.filter((range) => !/^(npm:@[\w-]+\/[\w-]+@)?\d+\.\d+\.\d+$/.test(range)),
      [],
    );
  });

  it('runs each of its scripts through the check for dependencies and Node, with a file that is there', () => {
    for (const script of Object.values(manifest.scripts)) {
      const [, file] = /^node scripts\/run\.mjs (\S+)/.exec(script) ?? [];
      assert.ok(file !== undefined && (file.startsWith('bench/') || existsSync(new URL(`../../${file}`, import.meta.url))), script);
    }
  });

  it('has a launcher that may be executed', () => {
    assert.deepEqual(Object.keys(manifest.bin), ['postern']);
    assert.equal(statSync(fileURLToPath(new URL(`../../${manifest.bin['postern']}`, import.meta.url))).mode & 0o111, 0o111);
    assert.equal(manifest.engines['node'], '>=24');
  });
});
