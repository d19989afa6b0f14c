import type { Problem } from '../../src/config/problem.ts';
import type { HouseOptions, House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';

/** A house whose routes all lead to one recorder: what a refused request left there is what got through. */
export interface CertificateHouse extends AsyncDisposable {
  readonly house: House;
  readonly upstream: Recorder;
  /** `a` becomes the URL of `a.postern.test`. */
  readonly url: (host: string, path?: string) => string;
  readonly authority: (host: string) => string;
}

/** `public` asks for nothing; `a` and `b` each for a certificate of its own CA. `{{to}}` is the recorder. */
export const twoAuthorities = `
routes:
  - {name: public, from: https://public.postern.test, to: '{{to}}', allow_public_unauthenticated_access: true}
  - {name: a, from: https://a.postern.test, to: '{{to}}', tls_downstream_client_ca_file: ca-a.pem, allow_public_unauthenticated_access: true}
  - {name: b, from: https://b.postern.test, to: '{{to}}', tls_downstream_client_ca_file: ca-b.pem, allow_public_unauthenticated_access: true}
`;

export async function openCertificateHouse(options: Partial<HouseOptions> = {}): Promise<CertificateHouse> {
  const upstream = await openRecorder();
  const config = (options.config ?? twoAuthorities).replaceAll('{{to}}', upstream.url);
  const house = await openHouse({ ...options, config }).catch(async (error: unknown) => {
    await upstream[Symbol.asyncDispose]();
    throw error;
  });
  const authority = (host: string): string => `${host}.postern.test:${house.port}`;
  return {
    house,
    upstream,
    authority,
    url: (host, path = '/') => `https://${authority(host)}${path}`,
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** The errors among problems, as an operator reads them. */
export function errorTexts(problems: readonly Problem[]): readonly string[] {
  return problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
}
