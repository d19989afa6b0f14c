import { nginxCommand } from '../machine.ts';
import { openApacheOpenidc, whyNoOpenidc } from './apache-openidc.ts';
import { openCaddy } from './caddy.ts';
import type { Candidate, CandidateSetting, Peer } from './candidate.ts';
import { openEnvoy } from './envoy.ts';
import type { FoundProgram, ProgramName } from './find-program.ts';
import { findProgram } from './find-program.ts';
import { openHaproxy } from './haproxy.ts';
import { openNginxOauth2Proxy } from './nginx-oauth2-proxy.ts';
import { openOauth2Proxy } from './oauth2-proxy.ts';
import { openPomerium } from './pomerium.ts';
import { provePeer } from './prove-peer.ts';
import { openTraefik } from './traefik.ts';

interface Opening {
  readonly name: string;
  readonly program: ProgramName;
  /** What else it needs, asked once the program is found. */
  readonly lacks?: () => string | undefined;
  readonly open: (program: FoundProgram, setting: CandidateSetting) => Promise<Candidate>;
}

/** Bare proxies first, then those that know who asks. nginx alone, which everything is compared with, is none of them. */
const openings: readonly Opening[] = [
  { name: 'haproxy', program: 'haproxy', open: openHaproxy },
  { name: 'envoy', program: 'envoy', open: openEnvoy },
  { name: 'caddy', program: 'caddy', open: openCaddy },
  { name: 'traefik', program: 'traefik', open: openTraefik },
  { name: 'apache + mod_auth_openidc', program: 'apache', lacks: whyNoOpenidc, open: openApacheOpenidc },
  { name: 'oauth2-proxy', program: 'oauth2-proxy', open: openOauth2Proxy },
  {
    name: 'nginx + oauth2-proxy',
    program: 'oauth2-proxy',
    lacks: () => (nginxCommand === undefined ? 'nginx is not installed' : undefined),
    open: (program, setting) => openNginxOauth2Proxy(nginxCommand ?? 'nginx', program, setting),
  },
  { name: 'pomerium', program: 'pomerium', open: openPomerium },
];

/**
 * The proxies that somebody else wrote and that may be on this machine; whether one is, is looked up when it is asked for.
 * A candidate that `open` gives has answered already, over each of its protocols, and only to somebody signed in where it knows such.
 */
export function findPeers(environment: Readonly<NodeJS.ProcessEnv> = process.env): readonly Peer[] {
  return openings.map((opening) => peerOf(opening, environment));
}

function peerOf({ name, program, lacks, open }: Opening, environment: Readonly<NodeJS.ProcessEnv>): Peer {
  return {
    name,
    missing() {
      const found = findProgram(program, environment);
      return found.kind === 'absent' ? found.why : lacks?.();
    },
    async open(setting) {
      const found = findProgram(program, environment);
      if (found.kind === 'absent') throw new Error(found.why);
      const candidate = await open(found, setting);
      try {
        await provePeer(candidate, setting.files);
        return candidate;
      } catch (error) {
        await candidate.stop();
        throw error;
      }
    },
  };
}
