import type { X509Certificate } from 'node:crypto';
import type { Issued } from '../../certificate/issue-certificate.ts';
import type { NamedText, SettingsDocument } from '../../config/settings.ts';
import { anchorsOf } from './authorities.ts';
import { issueStandIn, issueSynthetic } from './issue-synthetic.ts';
import type { CertificateChoice } from './synthetic-certificate.ts';

export interface PreparedCertificates {
  /** Trusts each stand-in exactly where the configuration trusts the authority it stands for. */
  readonly document: SettingsDocument;
  presented(choice: CertificateChoice | undefined): readonly X509Certificate[];
}

/**
 * Makes the synthetic certificates of a run and a document for its snapshot that has their stand-in authorities beside the
 * real ones. The document lives in this process, for this command: what serves is never built of it. `at` in milliseconds since 1970.
 */
export async function prepareCertificates(
  choices: ReadonlySet<CertificateChoice>,
  document: SettingsDocument,
  at: number,
): Promise<PreparedCertificates> {
  const standIns = new Map<string, Issued>();
  const made = new Map<CertificateChoice, readonly X509Certificate[]>();
  for (const choice of choices) {
    if (choice.kind === 'real') {
      made.set(choice, choice.certificates);
      continue;
    }
    const { authority } = choice;
    const standIn = authority === undefined ? undefined : (standIns.get(authority.sha256) ?? (await issueStandIn(authority)));
    if (authority !== undefined && standIn !== undefined) standIns.set(authority.sha256, standIn);
    made.set(choice, await issueSynthetic(choice, standIn));
  }
  return {
    document: standIns.size === 0 ? document : withStandIns(document, standIns, at),
    presented: (choice) => (choice === undefined ? [] : (made.get(choice) ?? [])),
  };
}

function withStandIns(document: SettingsDocument, standIns: ReadonlyMap<string, Issued>, at: number): SettingsDocument {
  const extend = (text: NamedText | undefined): NamedText | undefined => {
    if (text === undefined) return undefined;
    const added = anchorsOf(text, at).map(({ sha256 }) => standIns.get(sha256)?.certificatePem ?? '');
    return { ...text, text: [text.text, ...added].join('\n') };
  };
  const { settings } = document;
  return {
    ...document,
    settings: {
      ...settings,
      downstreamMtls: { ...settings.downstreamMtls, ca: extend(settings.downstreamMtls.ca) },
      routes: settings.routes.map((route) => ({ ...route, clientCa: extend(route.clientCa) })),
    },
  };
}
