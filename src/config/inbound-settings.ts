import type { InboundRules } from '../http/inbound-rules.ts';
import { defaultInboundRules } from '../http/inbound-rules.ts';
import { escapedSlashActions, underscoreActions } from './choices.ts';
import type { RawListenerSettings } from './raw-settings.ts';
import { readChoice, readDuration } from './read-value.ts';
import type { Reading } from './reading.ts';
import type { ForwardedForSettings, ListenerTimeouts } from './settings.ts';

/** How a request is read where its readers could disagree. */
export function readInboundRules(reading: Reading, raw: RawListenerSettings): InboundRules {
  if (!raw.normalize_path) {
    const message = 'normalize_path: false is not supported yet: policy and upstream would no longer see one and the same path';
    reading.error(['normalize_path'], message, { code: 'not-supported-yet' });
  }
  const slashes = { text: raw.path_with_escaped_slashes_action, words: escapedSlashActions };
  const underscores = { text: raw.headers_with_underscores_action, words: underscoreActions };
  return {
    mergeSlashes: raw.merge_slashes,
    escapedSlashes: readChoice(reading, ['path_with_escaped_slashes_action'], slashes) ?? defaultInboundRules.escapedSlashes,
    underscores: readChoice(reading, ['headers_with_underscores_action'], underscores) ?? defaultInboundRules.underscores,
  };
}

export function readTimeouts(reading: Reading, raw: RawListenerSettings): ListenerTimeouts {
  const read = (key: 'timeout_read' | 'timeout_write' | 'timeout_idle'): number => readDuration(reading, [key], raw[key]) ?? 0;
  return { readMs: read('timeout_read'), writeMs: read('timeout_write'), idleMs: read('timeout_idle') };
}

// More proxies in a row than anybody has; a larger number is a slip, and would believe whatever a client writes.
const mostHops = 100;

/** What is believed of, and added to, `X-Forwarded-For`. */
export function readForwardedFor(reading: Reading, raw: RawListenerSettings): ForwardedForSettings {
  const { skip_xff_append: skip, xff_num_trusted_hops: hops } = raw;
  const isCount = Number.isInteger(hops) && hops >= 0 && hops <= mostHops;
  if (!isCount) {
    const message = `xff_num_trusted_hops ${hops} must be a whole number from 0 to ${mostHops}: how many proxies stand in front`;
    reading.error(['xff_num_trusted_hops'], message);
  }
  return { append: !skip, trustedHops: isCount ? hops : 0 };
}
