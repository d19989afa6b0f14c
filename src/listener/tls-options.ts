import { constants, hkdfSync } from 'node:crypto';
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import type { ServerCertificate } from './server-certificates.ts';
import type { TlsGroup } from './tls-groups.ts';

export const minTlsVersion = 'TLSv1.2';

/** TLS 1.3 first, then the TLS 1.2 suites with forward secrecy and AEAD that Pomerium allows. */
const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/**
 * What every context of a group has, the default one of its server and those that SNI selects. A context that left out `ca` would lose
 * the group's authorities, and an undefined `ca` means the public web roots to Node: hence always an array, if an empty one. An empty one
 * is the only way not to name authorities: Node names those that it trusts.
 */
export function contextOptions(group: TlsGroup, { certificatePem, keyPem }: ServerCertificate): SecureContextOptions {
  return {
    cert: certificatePem,
    key: keyPem,
    ca: group.namesAuthorities ? [...group.anchors] : [],
    allowPartialTrustChain: group.allowsPartialChain,
    minVersion: minTlsVersion,
    ciphers,
    // Renegotiation exchanges the identity under a live connection. Tickets would let a session outlive what was checked at its start.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (group.asks ? constants.SSL_OP_NO_TICKET : 0),
  };
}

/**
 * The ticket keys of a group, the same in all processes with the same seed, so that a session is resumed whichever of them the next connection
 * comes to. A group that asks for a certificate shares nothing: its sessions are not to be resumed at all, and what nobody has nobody can use.
 */
export function ticketOptions(group: TlsGroup, seed: Uint8Array | undefined): Pick<TlsOptions, 'ticketKeys'> {
  if (seed === undefined || group.asks) return {};
  return { ticketKeys: Buffer.from(hkdfSync('sha256', seed, '', `ticket keys of ${group.id}`, 48)) };
}
