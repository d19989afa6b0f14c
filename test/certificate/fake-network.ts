import type { CertificateTrust } from '../../src/certificate/certificate-trust.ts';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { listsInFiles } from '../../src/certificate/revocation.ts';
import type { RevocationLookup, RevocationStatus } from '../../src/certificate/revocation-lookup.ts';
import type { RevocationSettings } from '../../src/config/revocation-settings.ts';
import { crlsOf, trustOf } from './trust-of.ts';

type NetworkSource = 'crl_distribution_points' | 'ocsp';
/** Of certificates by their subject, as `ocsp CN=alice`; the others are unasked. */
export type Answers = Map<string, RevocationStatus>;

/** A network that knows what is in the map, and writes down what it is asked. */
export function fakeNetwork(answers: Answers, asked: string[] = []): RevocationLookup {
  return {
    statusOf({ certificate, issuer }, source: NetworkSource) {
      asked.push(`${source} ${certificate.subject} of ${issuer.subject}`);
      return answers.get(`${source} ${certificate.subject}`) ?? { kind: 'unasked' };
    },
    ask: () => Promise.resolve(),
  };
}

export interface Revoking extends Partial<RevocationSettings> {
  /** PEM. */
  readonly lists?: string;
  readonly answers?: Answers;
  readonly network?: RevocationLookup;
  readonly depth?: number;
}

/** Trust in authorities whose lists are these, by settings that are the usual ones but for what is said. */
export function revocationTrust(anchors: readonly Issued[], rules: Revoking = {}): CertificateTrust {
  const { lists, answers, network = answers && fakeNetwork(answers), depth = 0, ...settings } = rules;
  const crls = lists === undefined ? undefined : crlsOf(lists, anchors);
  return trustOf(anchors, { maxVerifyDepth: depth, crls, revocation: { settings: { ...listsInFiles, ...settings }, network } });
}
