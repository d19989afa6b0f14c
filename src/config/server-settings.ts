import { readCapacity } from './capacity-settings.ts';
import { readCertificates } from './certificate-settings.ts';
import { issuerFormats } from './choices.ts';
import { readForwardedFor, readInboundRules, readTimeouts } from './inbound-settings.ts';
import { readLogFields } from './log-fields.ts';
import { readLogLevel } from './log-level.ts';
import { readMetrics } from './metrics-settings.ts';
import type { CertificateSettings } from './downstream-mtls-settings.ts';
import type { RawSettings } from './raw-settings.ts';
import { readChoice, readSocketAddress } from './read-value.ts';
import type { Reading } from './reading.ts';
import { readRuntimeFlags } from './runtime-flags.ts';
import { checkServices } from './services-setting.ts';
import type { Settings, SocketAddress } from './settings.ts';
import { readStateDirectory } from './storage-settings.ts';
import { readWorkers } from './workers-setting.ts';
import { readPem } from './written-text.ts';

type ServerSettings = Omit<
  Settings,
  | keyof CertificateSettings
  | 'authenticate'
  | 'bearer'
  | 'cookie'
  | 'downstreamMtls'
  | 'identityProvider'
  | 'jwtClaimsHeaders'
  | 'programmaticRedirectDomains'
  | 'routes'
  | 'sharedSecrets'
  | 'signingKey'
  | 'signOutRedirectUrl'
  | 'tokenIssuers'
>;

const nowhere: SocketAddress = { host: '127.0.0.1', port: 0 };

/** Everything that is not about people, client certificates or single routes. */
export function readServerSettings(reading: Reading, raw: RawSettings): ServerSettings {
  const { http_redirect_addr: redirect, certificate_authority: authority, certificate_authority_file: authorityFile } = raw;
  checkServices(reading, raw.services);
  return {
    address: readAddresses(reading, raw.address),
    insecureServer: raw.insecure_server,
    httpRedirectAddress: redirect === undefined ? undefined : readSocketAddress(reading, ['http_redirect_addr'], redirect),
    useProxyProtocol: raw.use_proxy_protocol,
    timeouts: readTimeouts(reading, raw),
    capacity: readCapacity(reading, raw),
    inboundRules: readInboundRules(reading, raw),
    forwardedFor: readForwardedFor(reading, raw),
    certificates: readCertificates(reading, raw),
    certificateAuthority: readPem(reading, { path: ['certificate_authority'], inline: authority, file: authorityFile }),
    jwtIssuerFormat: readChoice(reading, ['jwt_issuer_format'], { text: raw.jwt_issuer_format, words: issuerFormats }) ?? 'hostOnly',
    metrics: readMetrics(reading, raw),
    healthCheckAddress: readSocketAddress(reading, ['health_check_addr'], raw.health_check_addr) ?? nowhere,
    workers: readWorkers(reading, raw.workers),
    logLevel: readLogLevel(reading, raw.log_level),
    logFields: readLogFields(reading, raw),
    runtimeFlags: readRuntimeFlags(reading, raw.runtime_flags),
    stateDirectory: readStateDirectory(reading, raw),
  };
}

function readAddresses(reading: Reading, written: RawSettings['address']): readonly SocketAddress[] {
  if (typeof written === 'string') {
    const address = readSocketAddress(reading, ['address'], written);
    return address === undefined ? [] : [address];
  }
  if (written.length === 0) reading.error(['address'], 'address is an empty list: write where to listen, like :443');
  return written.flatMap((text, index) => readSocketAddress(reading, ['address', index], text) ?? []);
}
