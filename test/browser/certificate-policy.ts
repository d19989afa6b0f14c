import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

const file = join(directory, 'postern-test.json');

/**
 * Every Chromium started from now on presents a certificate of this issuer to these origins without asking. Disposing ends that. Of two
 * such files Chromium heeds one, so there is one, and whoever comes second waits until the first has ended.
 */
export async function chooseCertificates(origins: readonly string[], issuer: string): Promise<Disposable> {
  const choices = origins.map((pattern) => JSON.stringify({ pattern, filter: { ISSUER: { CN: issuer } } }));
  const text = JSON.stringify({ AutoSelectCertificateForUrls: choices, owner: process.pid });
  while (!hasWritten(text)) await new Promise((resolve) => setTimeout(resolve, 100));
  // Also when a test is broken off: what is for the whole machine must not be left behind.
  process.once('exit', remove);
  for (const signal of signals) process.once(signal, leave);
  return {
    [Symbol.dispose]() {
      remove();
      process.off('exit', remove);
      for (const signal of signals) process.off(signal, leave);
    },
  };
}

function remove(): void {
  rmSync(file, { force: true });
}

/** False while the file is another process's; what one that was killed left behind is in nobody's way. */
function hasWritten(text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch {
    if (!isOwned()) remove();
    return false;
  }
}

function isOwned(): boolean {
  try {
    const { owner } = JSON.parse(readFileSync(file, 'utf8')) as { readonly owner: number };
    process.kill(owner, 0);
    return true;
  } catch (error) {
    // Being written just now, or its owner is gone.
    return error instanceof SyntaxError;
  }
}

const signals = ['SIGINT', 'SIGTERM'] as const;

function leave(): void {
  process.exit(1);
}
