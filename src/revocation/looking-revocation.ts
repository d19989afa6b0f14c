import type { RevocationLookup } from '../certificate/revocation-lookup.ts';
import type { RevocationService } from './revocation-service.ts';

/** For commands that only look at a configuration: nobody is asked, and every answer is that `explanation` kept it from being asked. */
export function lookingRevocation(explanation: string): RevocationService {
  const unreachable = {
    ocsp: { kind: 'unreachable', source: 'ocsp', explanation },
    crl_distribution_points: { kind: 'unreachable', source: 'crl_distribution_points', explanation },
  } as const;
  const lookup: RevocationLookup = { statusOf: (_, source) => unreachable[source], ask: async () => {} };
  return {
    lookup: () => lookup,
    describe: () => ({ ocsp: [], crls: [] }),
    async [Symbol.asyncDispose]() {},
  };
}
