import { nginxCommand } from '../machine.ts';
import type { Peer } from './candidate.ts';
import { findPeers } from './find-peers.ts';
import { openNginx } from './nginx.ts';

/** Everything that Postern is measured against, the yardstick first. */
export const peers: readonly Peer[] = [
  {
    name: 'nginx',
    missing: () => (nginxCommand === undefined ? 'nginx is not installed' : undefined),
    open: ({ files, upstreamPort }) => openNginx(nginxCommand ?? 'nginx', files, upstreamPort),
  },
  ...findPeers(),
];
