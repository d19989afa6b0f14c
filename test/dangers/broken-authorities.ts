import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority } from '../../src/certificate/issue-certificate.ts';
import type { Pki } from '../walk/pki.ts';

/** The text of a CA file that must not be used, undefined for none at all, and what is said of it. */
export interface BrokenAuthority {
  readonly what: string;
  readonly text: string | Buffer | undefined;
  readonly complaint: RegExp;
}

const day = 86_400_000;

export function expiredAuthority(commonName: string): Promise<Issued> {
  return issueAuthority({ commonName, from: new Date(Date.now() - 3 * day), to: new Date(Date.now() - day) });
}

/** Each leaves a server that takes what it can read with fewer authorities than were written, or with none. */
export async function brokenAuthorities({ caA, caB, alice }: Pki): Promise<readonly BrokenAuthority[]> {
  const [first, second] = [await expiredAuthority('Old A'), await expiredAuthority('Old B')];
  const good = caA.certificatePem;
  const middle = caB.certificatePem.split('\n');
  const damaged = [...middle.slice(0, 3), '!not base64!', ...middle.slice(4)].join('\n');
  const cut = caB.certificatePem.slice(0, caB.certificatePem.length / 2);
  const relabelled = (label: string): string => caB.certificatePem.replaceAll('CERTIFICATE', label);
  return [
    { what: 'missing', text: undefined, complaint: /no such file/i },
    { what: 'empty', text: '', complaint: /empty/ },
    { what: 'blank', text: ' \n\n', complaint: /empty/ },
    { what: 'a comment', text: '# the CA comes here\n', complaint: /no PEM block/ },
    { what: 'garbage', text: 'no certificate at all', complaint: /no PEM block/ },
    { what: 'bytes that are no text', text: Buffer.from([0, 1, 2, 255, 254, 10, 13, 0]), complaint: /not text/ },
    { what: 'DER', text: caA.certificate.raw, complaint: /not text/ },
    { what: 'a private key', text: caA.keyPem, complaint: /block 1 of 1 is a private key/ },
    { what: 'a certificate and a private key', text: good + caA.keyPem, complaint: /block 2 of 2 is a private key/ },
    { what: 'a certificate that no authority is', text: alice.certificatePem, complaint: /block 1 of 1 .*no authority/ },
    { what: 'an authority and a certificate that is none', text: good + alice.certificatePem, complaint: /block 2 of 2 .*no authority/ },
    { what: 'an authority and a damaged one', text: good + damaged + good, complaint: /block 2 of 3 .*damaged/ },
    { what: 'an authority and half of one', text: good + cut, complaint: /block 2 of 2 .*damaged/ },
    { what: 'half of one and an authority', text: `${cut}\n${good}`, complaint: /block 1 of 2 .*damaged/ },
    {
      what: 'an authority and an empty block',
      text: `${good}-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n`,
      complaint: /block 2 of 2/,
    },
    { what: 'a request for a certificate', text: relabelled('CERTIFICATE REQUEST'), complaint: /block 1 of 1 is a "CERTIFICATE REQUEST"/ },
    {
      what: 'a certificate in OpenSSL’s own wrapping',
      text: relabelled('TRUSTED CERTIFICATE'),
      complaint: /block 1 of 1 is a "TRUSTED CERTIFICATE"/,
    },
    { what: 'an expired authority', text: first.certificatePem, complaint: /expired/ },
    {
      what: 'expired authorities only',
      text: first.certificatePem + second.certificatePem,
      complaint: /every authority in it has expired/,
    },
  ];
}
