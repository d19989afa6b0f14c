import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * A package, loaded by whoever asks for it first. By `require`, because an `import()` that failed once, while descriptors had run out perhaps,
 * fails for good.
 */
export function loadPackage(name: string): unknown {
  return require(name);
}
