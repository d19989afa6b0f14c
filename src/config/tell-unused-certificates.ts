import type { RawSettings } from './raw-settings.ts';
import type { Reading } from './reading.ts';
import type { Settings } from './settings.ts';
import { tellNoEffect } from './tell-no-effect.ts';

type Used = Pick<Settings, 'routes' | 'certificateIdentities' | 'certificateSignIn' | 'signInWithCertificate'>;

/** Keys of the top level about certificates that nothing looks at: somebody believes they keep someone out, or let someone in. */
export function tellUnusedCertificates(reading: Reading, raw: RawSettings, settings: Used): void {
  // What a broken list of routes would have used nobody knows.
  if (reading.isRefused(['routes']) || reading.isRefused(['policy'])) return;
  if (!isAuthorityWritten(reading, raw)) {
    const keys = ['accept_client_certificate', 'bind_session_to_certificate', 'pass_client_certificate'] as const;
    for (const key of keys) if (raw[key] !== undefined && raw[key] !== false) tellNoEffect(reading, [key], 'without a client CA');
  }
  const { routes, certificateIdentities: rules, signInWithCertificate } = settings;
  const isAsked = routes.some(({ authentication, bindSession }) => authentication !== 'session' || bindSession === 'identity');
  if (rules.length > 0 && !isAsked && !signInWithCertificate)
    tellNoEffect(reading, ['certificate_identities'], 'while no route has an authentication that looks at certificates');
  tellLinks(reading, raw, settings);
}

function tellLinks(reading: Reading, raw: RawSettings, { routes, certificateIdentities, certificateSignIn }: Used): void {
  const linked = [...certificateIdentities, ...routes.flatMap((route) => route.certificateIdentities)].filter(
    ({ from }) => from === 'linked',
  );
  const hasLinks = (raw.certificate_links?.length ?? 0) > 0;
  if (hasLinks && linked.length === 0)
    tellNoEffect(reading, ['certificate_links'], 'without a rule of certificate_identities with from: linked');
  if (hasLinks || certificateSignIn !== undefined || raw.certificate_sign_in_url !== undefined) return;
  for (const path of new Set(linked.map((rule) => rule.path)))
    tellNoEffect(reading, path, 'without certificate_sign_in_url, where certificates are linked, or certificate_links');
}

/** For any route at all. A CA whose file can't be read is no CA, and there all the same. */
function isAuthorityWritten(reading: Reading, raw: RawSettings): boolean {
  const { ca, ca_file: file } = raw.downstream_mtls;
  const routes = [...(raw.policy ?? []), ...(raw.routes ?? [])];
  const ofRoutes = routes.flatMap((route) => [route.tls_downstream_client_ca, route.tls_downstream_client_ca_file]);
  const written = [ca, file, raw.client_ca, raw.client_ca_file, ...ofRoutes];
  return written.some((text) => text !== undefined) || reading.isRefused(['downstream_mtls']);
}
