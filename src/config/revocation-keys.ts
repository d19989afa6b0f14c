import { revocationChecks, revocationModes, revocationSources } from './choices.ts';
import { keyWithDefault, optionalKey } from './key-schema.ts';
import type { RawRevocation, RawStaleGrace } from './raw-certificate-settings.ts';
import type { KeySchemas } from './raw-settings.ts';
import type { Schema } from './schema.ts';
import { eitherOf, keysOf, text, texts } from './schema.ts';

const graceKeys: KeySchemas<RawStaleGrace> = {
  grace: optionalKey(text, { description: 'Required. For how long after its `nextUpdate` a list still counts.', examples: ['24h'] }),
};

const keys: KeySchemas<RawRevocation> = {
  mode: keyWithDefault(text, 'ignore_ca_error', {
    description:
      '`skip`: nothing is looked up, not even in `crl_file`. `ignore_ca_error`: answers count, and where none is to be had the certificate passes. ' +
      '`strict`: only a verified "good" passes.',
    enum: revocationModes,
  }),
  sources: keyWithDefault(texts, ['crl_file'], {
    description:
      `Who is asked, in this order, of ${revocationSources.join(', ')}; the first that knows the certificate decides. The last two are addresses ` +
      'in the certificate, and need `allowed_hosts`.',
  }),
  check: keyWithDefault(text, 'leaf', {
    description: '`leaf`: the client certificate alone. `chain`: every certificate below the CA that ends its path.',
    enum: revocationChecks,
  }),
  stale: keyWithDefault(eitherOf(text, keysOf(graceKeys)), 'fail', {
    description:
      'What a revocation list past its `nextUpdate` means. `fail`: every certificate of its CA is refused. `{grace: 24h}`: it counts for that long.',
    examples: ['fail'],
  }),
  timeout: keyWithDefault(text, '3s', {
    description: 'How long one question may take, fetching included, up to `1m`. The first request of a certificate waits for it.',
    examples: ['3s'],
  }),
  cache_ttl: keyWithDefault(text, '1h', {
    description: 'How long an answer counts at most before it is asked for again; never beyond its own `nextUpdate`.',
    examples: ['1h'],
  }),
  allowed_hosts: keyWithDefault(texts, [], {
    description:
      'The hosts that may be asked: names, `*.domain` for every name below it, or IP addresses, without port. Required for sources on the network. ' +
      'Nothing else is fetched, because the addresses are written in certificates; to name a loopback or private address here is what allows it.',
  }),
};

/** How revocation is looked up, globally and for one route. */
export const revocationSchema: Schema<RawRevocation> = keysOf(keys);
