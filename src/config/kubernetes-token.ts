import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { RawRoute } from './raw-settings.ts';
import type { Reading } from './reading.ts';
import { Secret } from './secret.ts';
import { filePath, readPassword } from './written-text.ts';

// RFC 6750 section 2.1: nothing else can follow `Bearer`.
const bearerToken = /^[A-Za-z0-9\-._~+/]+=*$/;

/** The service account of a Kubernetes upstream, from the configuration or from a file as Kubernetes mounts it. */
export function readKubernetesToken(reading: Reading, route: RawRoute, path: SettingPath): Secret<string> | undefined {
  const inline = route.kubernetes_service_account_token;
  const written = [...path, 'kubernetes_service_account_token'];
  const token = readPassword(reading, { path: written, inline, file: route.kubernetes_service_account_token_file });
  if (token === undefined) return undefined;
  if (bearerToken.test(token)) return new Secret(token);
  const place = inline === undefined ? filePath(written) : written;
  reading.error(place, `${writePath(place)} holds a character that no bearer token has, a blank perhaps`);
  return undefined;
}
