import type { RevocationLookup, RevocationQuestion } from '../certificate/revocation-lookup.ts';
import type { RevocationSettings, RevocationSource } from '../config/revocation-settings.ts';
import { readAllowedHosts } from './allowed-source.ts';
import type { AskedSource, Desk } from './desk.ts';
import { openListSource } from './list-source.ts';
import { openOcspSource } from './ocsp-source.ts';
import { createSourceFinder } from './question-sources.ts';
import { shareTime } from './share-time.ts';

export interface NetworkLookup extends RevocationLookup {
  /** Asks again, in the background, what will be needed. */
  renew(at: number): void;
}

/** The sources on the network that some settings allow. */
export function openNetworkLookup(desk: Desk, settings: RevocationSettings): NetworkLookup {
  const find = createSourceFinder(readAllowedHosts(settings.allowedHosts), desk.journal);
  const sourcesOf = ({ certificate }: RevocationQuestion): ReturnType<typeof find> => find(certificate);
  const asked: Readonly<Record<NetworkSource, AskedSource>> = {
    ocsp: openOcspSource(desk, settings, sourcesOf),
    crl_distribution_points: openListSource(desk, settings, sourcesOf),
  };
  const inOrder = settings.sources.filter(isOnNetwork).map((source) => asked[source]);

  return {
    statusOf: (question, source, at) => asked[source].statusOf(question, at),
    async ask(question) {
      const share = shareTime(settings.timeoutMs, desk.clock);
      // Only those that the certificate names have a share in the time.
      const named = inOrder.filter((source) => source.statusOf(question, desk.now()).kind !== 'no-source');
      for (const [index, source] of named.entries()) {
        if (source.statusOf(question, desk.now()).kind === 'unasked') await source.ask(question, share(named.length - index));
        // The responder that does not know a certificate has spoken: the judge asks nobody after it.
        if (source.statusOf(question, desk.now()).kind !== 'unreachable') return;
      }
    },
    renew(at) {
      for (const source of inOrder) source.renew(at);
    },
  };
}

type NetworkSource = Parameters<RevocationLookup['statusOf']>[1];

function isOnNetwork(source: RevocationSource): source is NetworkSource {
  return source !== 'crl_file';
}
