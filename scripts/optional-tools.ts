import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs that some tests drive and that npm cannot bring. */
export const optionalTools: readonly { readonly command: string; readonly purpose: string }[] = [
  { command: 'chromium', purpose: 'a real browser presents a certificate and signs in' },
  { command: 'certutil', purpose: 'gives that browser its certificate' },
  { command: 'openssl', purpose: 'a second TLS implementation: resumption, certificates, PKCS #12' },
  { command: 'curl', purpose: 'the lines that the demo prints' },
  { command: 'nghttp', purpose: 'a second HTTP/2 implementation' },
];

/** Where the command is, or undefined. */
export function findTool(command: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, command)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Absent, or not ours to run: both mean that it can't be used.
    return false;
  }
}
