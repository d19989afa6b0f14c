import { logLevels, storageTypes } from './choices.ts';
import { keyWithDefault, optionalKey } from './key-schema.ts';
import type { KeySchemas, RawOperationSettings } from './raw-settings.ts';
import { eitherOf, mapOf, number, text, texts, truth } from './schema.ts';

/** What those need who keep Postern running. */
export const operationKeys: KeySchemas<RawOperationSettings> = {
  metrics_address: optionalKey(text, { description: 'Where to serve `/metrics`, `host:port`. Absent: nowhere.' }),
  metrics_basic_auth: optionalKey(text, {
    description: 'Base64 of `user:password`, which whoever reads the metrics has to give.',
    writeOnly: true,
  }),
  metrics_certificate: optionalKey(text, {
    description: 'The server certificate for the metrics: PEM, in base64 or as it is. Absent: HTTP without TLS.',
  }),
  metrics_certificate_file: optionalKey(text, { description: 'A file with the same.' }),
  metrics_certificate_key: optionalKey(text, { description: 'Its private key: PEM, in base64 or as it is.', writeOnly: true }),
  metrics_certificate_key_file: optionalKey(text, { description: 'A file with the same.' }),
  metrics_client_ca: optionalKey(text, {
    description: 'CAs: whoever reads the metrics needs a certificate of one of them. A PEM bundle, in base64 or as it is.',
  }),
  metrics_client_ca_file: optionalKey(text, { description: 'A file with the same.' }),
  health_check_addr: keyWithDefault(text, '127.0.0.1:28080', {
    description: 'Where to answer health checks: `/startupz`, `/readyz`, `/healthz`, `/status`.',
  }),
  workers: keyWithDefault(eitherOf(number, text), 'auto', {
    description:
      'How many processes serve, each on a core: from 1 to 256, or `auto`, one for each core that the process may use. ' +
      'They share the port, the sessions, the metrics and the reload. On Linux; elsewhere `auto` means 1.',
    examples: ['auto'],
  }),
  log_level: keyWithDefault(text, 'info', {
    description: 'The least important lines that are logged.',
    enum: logLevels,
  }),
  access_log_fields: optionalKey(texts, {
    description: 'Further fields of the line that is logged for each request; which there are is listed below.',
  }),
  authorize_log_fields: optionalKey(texts, {
    description: 'The same: a request has one line, with the fields of both lists.',
  }),
  state_directory: optionalKey(text, {
    description: 'A directory for sessions and generated secrets. Absent: both end with the process.',
  }),
  databroker_storage_type: optionalKey(text, {
    description: 'Where sessions are kept. `memory`: nowhere. `file`: in the directory of `databroker_storage_connection_string`.',
    enum: storageTypes,
  }),
  databroker_storage_connection_string: optionalKey(text, {
    description: '`file:///directory`, which means the same as `state_directory: /directory`.',
    writeOnly: true,
  }),
  databroker_storage_connection_string_file: optionalKey(text, { description: 'A file with the same.' }),
  runtime_flags: optionalKey(mapOf(truth), {
    description: 'A map of switches and truth values; which there are is listed below.',
  }),
};
