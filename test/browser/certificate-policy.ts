import { accessSync, constants, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Chromium's policies are for the whole machine; there is no other way to let it choose a certificate without a person who clicks. */
const directory = '/etc/chromium/policies/managed';

/** Whether policies may be written here. */
export function canWritePolicies(): boolean {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    // Whatever the reason, the caller is told that it does not go.
    return false;
  }
}

/** Every Chromium started from now on presents a certificate of this issuer to these origins without asking. Disposing ends that. */
export function chooseCertificates(origins: readonly string[], issuer: string): Disposable {
  const choices = origins.map((pattern) => JSON.stringify({ pattern, filter: { ISSUER: { CN: issuer } } }));
  const file = join(directory, `postern-test-${process.pid}.json`);
  const remove = (): void => rmSync(file, { force: true });
  // Also when a test is broken off: what is for the whole machine must not be left behind.
  process.once('exit', remove);
  for (const signal of signals) process.once(signal, leave);
  writeFileSync(file, JSON.stringify({ AutoSelectCertificateForUrls: choices }));
  return {
    [Symbol.dispose]() {
      remove();
      process.off('exit', remove);
      for (const signal of signals) process.off(signal, leave);
    },
  };
}

const signals = ['SIGINT', 'SIGTERM'] as const;

function leave(): void {
  process.exit(1);
}
