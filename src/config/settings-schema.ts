import { bearerKeys } from './bearer-keys.ts';
import { certificateKeys } from './certificate-keys.ts';
import { identityKeys } from './identity-keys.ts';
import { optionalKey } from './key-schema.ts';
import { listenerKeys } from './listener-keys.ts';
import { operationKeys } from './operation-keys.ts';
import type { KeySchemas, RawSettings } from './raw-settings.ts';
import { routeSchema } from './route-schema.ts';
import { signInKeys } from './sign-in-keys.ts';
import type { Schema } from './schema.ts';
import { anything, keysOf, listOf, orNull } from './schema.ts';

const keys: KeySchemas<RawSettings> = {
  ...listenerKeys,
  ...signInKeys,
  ...bearerKeys,
  ...identityKeys,
  ...certificateKeys,
  ...operationKeys,
  policy: optionalKey(orNull(listOf(routeSchema)), {
    description: 'Older name of `routes`; its routes come first.',
    deprecated: true,
  }),
  routes: optionalKey(orNull(listOf(routeSchema)), {
    description: 'The routes, in order of preference; their keys follow below.',
  }),
  people: optionalKey(anything, { description: 'Who asks in the `tests`, by name: for `postern test` alone.', fileOnly: true }),
  tests: optionalKey(anything, { description: 'Requests and what is expected of them: for `postern test` alone.', fileOnly: true }),
};

/** Every key of a configuration, with its type, default and meaning: parser, environment names and documentation come from here. */
export const settingsSchema: Schema<RawSettings> = keysOf(keys);
