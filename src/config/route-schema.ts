import { z } from 'zod';
import { keyWithDefault, optionalKey } from './key-schema.ts';
import type { RawRoute, Shape } from './raw-settings.ts';

const text = z.string();
const texts = z.array(z.string());

const shape = {
  name: optionalKey(text, { description: 'What log and metrics call the route.' }),
  from: optionalKey(text, {
    description: 'Required. `https://host[:port]`, without a path. `*` in the host stands for any characters, dots included.',
  }),
  to: optionalKey(z.union([text, texts]), {
    description: 'Required. Where requests go: `http://`, `https://` or `unix:///path`, one or several.',
  }),
  prefix: optionalKey(text, { description: 'Only paths that begin with this text. A plain text: `/api` also matches `/apix`.' }),
  path: optionalKey(text, { description: 'Only this path. Counts before `prefix`.' }),
  regex: optionalKey(text, { description: 'Only paths that match this RE2 expression as a whole. Counts before `path` and `prefix`.' }),
  policy: optionalKey(z.unknown(), { description: 'A document of the policy language: who may pass. ORed with the keys that follow.' }),
  allow_public_unauthenticated_access: keyWithDefault(z.boolean(), false, {
    description: 'Everybody may pass, without signing in. Not beside `allow_any_authenticated_user` or an allow-list.',
  }),
  allow_any_authenticated_user: keyWithDefault(z.boolean(), false, {
    description: 'Everybody who signed in may pass. Not beside an allow-list.',
  }),
  allowed_users: optionalKey(texts, { description: 'User ids or e-mail addresses that may pass.' }),
  allowed_domains: optionalKey(texts, { description: 'Domains of e-mail addresses that may pass.' }),
  tls_downstream_client_ca: optionalKey(text, {
    description: 'The CAs of the client certificates this route accepts, instead of the global ones: a PEM bundle, in base64 or as it is.',
  }),
  tls_downstream_client_ca_file: optionalKey(text, { description: 'A file with the same.' }),
  pass_identity_headers: optionalKey(z.boolean(), {
    description: 'Whether the upstream is told who is asking. Absent: the global `pass_identity_headers`.',
  }),
  allow_websockets: keyWithDefault(z.boolean(), false, { description: 'Whether WebSockets may pass.' }),
  preserve_host_header: keyWithDefault(z.boolean(), false, {
    description: "Whether the upstream gets the client's `Host`. Otherwise it gets the host of `to`.",
  }),
  set_request_headers: optionalKey(z.record(z.string(), z.string()), {
    description: 'Headers that the upstream gets with these values, whatever the client sent.',
    writeOnly: true,
  }),
  remove_request_headers: optionalKey(texts, { description: 'Headers of the client that the upstream does not get.' }),
  timeout: optionalKey(text, {
    description:
      'How long the whole answer may take, `0s` for as long as it likes. Absent: 30s, and without limit with `allow_websockets`.',
    examples: ['30s'],
  }),
} satisfies Shape<RawRoute, z.ZodType>;

/** The keys of one route. */
export const routeSchema: z.ZodType<RawRoute> = z.strictObject(shape);
