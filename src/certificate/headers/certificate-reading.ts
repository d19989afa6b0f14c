import type { X509Certificate } from 'node:crypto';
import type { PresentedCertificate } from '../../http/connection.ts';
import { parseCertificate } from '../parse-certificate.ts';
import { readPem } from '../read-pem.ts';

/** What a header of a proxy in front says of its visitor's certificate. Whether that is worth anything is judged elsewhere. */
export type CertificateReading =
  | PresentedCertificate
  /** One sentence for the operator, without anything that was sent. */
  | { readonly kind: 'refused'; readonly explanation: string };

export type RefusedReading = Extract<CertificateReading, { kind: 'refused' }>;

/** How one dialect is read. */
export interface ReadDialect {
  /** In lower case. */
  readonly names: readonly string[];
  /** `values` gives every value of one of the names, in order. */
  read(values: (name: string) => readonly string[]): CertificateReading;
}

/** Leaf and the rest. More than any path needs: beyond it nobody is telling of a certificate. */
const mostCertificates = 16;

/** The first is the leaf. `name` is the header they came in. */
export function presentedIn(name: string, certificates: readonly X509Certificate[] | undefined): CertificateReading {
  const [leaf, ...chain] = certificates ?? [];
  if (leaf === undefined) return refuse(`"${name}" holds no certificate in the form of its dialect`);
  if (chain.length >= mostCertificates)
    return refuse(`"${name}" holds ${chain.length + 1} certificates, expected at most ${mostCertificates}`);
  return { kind: 'presented', leaf, chain, tlsVerdict: undefined };
}

export function refuse(explanation: string): RefusedReading {
  return { kind: 'refused', explanation };
}

/** Undefined unless the text is PEM certificates and nothing else: what one reader passes over, another may read. */
export function readPemCertificates(text: string): readonly X509Certificate[] | undefined {
  if (!onlyBlocks.test(text)) return undefined;
  return allOf(readPem(text).map(({ der }) => (der === undefined ? undefined : parseCertificate(der))));
}

const onlyBlocks = /^(?:-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----(?:\r?\n|$))+$/;

/** Undefined unless it is base64 with its padding, in the one way to write it, of a certificate and nothing after it. */
export function readBase64Certificate(text: string): X509Certificate | undefined {
  const der = Buffer.from(text, 'base64');
  return der.length > 0 && der.toString('base64') === text ? parseCertificate(der) : undefined;
}

/** All, or undefined when one is missing. */
export function allOf<T>(items: readonly (T | undefined)[]): readonly T[] | undefined {
  const present = items.filter((item) => item !== undefined);
  return present.length === items.length ? present : undefined;
}
