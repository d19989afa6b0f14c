import type { CertificateVerdict } from '../../certificate/verdict.ts';
import type { SettingPath } from '../../config/problem.ts';
import { suggestName } from '../nearest-name.ts';
import type { Parsed } from '../parsed.ts';
import { bothParsed, collectParsed, mapParsed, parsed, refused, refusedKey } from '../parsed.ts';
import type { PlainObject } from '../plain-data.ts';
import { describeValue, isPlainObject } from '../plain-data.ts';
import type { CriterionKind, NamedAuthorities } from './criterion-kind.ts';
import { dependently, whenFacts } from './criterion-kind.ts';
import { describeVerdict } from './describe-verdict.ts';
import type { JudgedLeaf, LeafKey } from './leaf-keys.ts';
import { leafKeyReaders } from './leaf-keys.ts';

interface WrittenKey extends LeafKey {
  readonly key: string;
}

interface CertificateTest {
  readonly keys: readonly WrittenKey[];
  readonly acceptUntrusted: boolean;
}

const leafKeys: readonly string[] = Object.keys(leafKeyReaders);

export const certificateKeys: readonly string[] = [...leafKeys, 'accept_untrusted'];

/**
 * `client_certificate`: the leaf matches every key *and* was judged valid for the route. Pomerium looks at the leaf alone, so
 * that under `enforcement: policy` anybody may write the SAN that lets him in: here only with `accept_untrusted`.
 */
export const clientCertificateCriterion: CriterionKind = {
  name: 'client_certificate',
  operand: 'object of keys, see below',
  takesPath: false,
  needsPerson: false,
  whenTrue: ['client-certificate-ok'],
  whenFalse: ['client-certificate-unauthorized'],
  compile: ({ data, path, authorities }) =>
    mapParsed(parseTest(data, path, authorities), (test) =>
      dependently(
        whenFacts(({ certificate }) => isMatch(test, certificate), 'client-certificate-ok', 'client-certificate-unauthorized'),
        ({ certificate }) => describeLeaf(test, certificate),
      ),
    ),
};

function isMatch({ keys, acceptUntrusted }: CertificateTest, certificate: CertificateVerdict): boolean {
  const judged = judgedLeaf(certificate, acceptUntrusted);
  return judged !== undefined && keys.every(({ holds }) => holds(judged));
}

/** An invalid certificate leads to no authority, whatever its issuer says. */
function judgedLeaf(certificate: CertificateVerdict, acceptUntrusted: boolean): JudgedLeaf | undefined {
  if (certificate.kind === 'valid') return certificate;
  if (!acceptUntrusted || certificate.kind !== 'invalid' || certificate.leaf === undefined) return undefined;
  return { leaf: certificate.leaf, anchorKeys: [] };
}

function describeLeaf({ keys, acceptUntrusted }: CertificateTest, certificate: CertificateVerdict): string {
  const judged = judgedLeaf(certificate, acceptUntrusted);
  if (judged === undefined) return describeVerdict(certificate);
  const found = keys.map(({ key, look }) => `${key}: ${[look(judged)].flat().join(', ') || 'none'}`).join('; ');
  return certificate.kind === 'invalid' ? `${describeVerdict(certificate)}; ${found}` : found;
}

function parseTest(data: unknown, path: SettingPath, authorities: NamedAuthorities): Parsed<CertificateTest> {
  if (!isPlainObject(data)) return refused(path, `"client_certificate" takes an object, found ${describeValue(data)}`);
  const keys = Object.entries(data).filter(([key]) => key !== 'accept_untrusted');
  // By itself it would let in whoever makes a certificate.
  if (keys.length === 0 && 'accept_untrusted' in data)
    return refused(
      path,
      `"accept_untrusted" lets any certificate in unless another key stands beside it; write one of ${leafKeys.join(', ')}`,
    );
  if (keys.length === 0) return refused(path, `"client_certificate" is empty; write one of ${leafKeys.join(', ')}`);
  const tests = keys.map(([key, operand]) =>
    mapParsed(parseKey(key, operand, [...path, key], authorities), (leafKey) => ({ ...leafKey, key })),
  );
  return mapParsed(bothParsed(collectParsed(tests), parseAcceptUntrusted(data, path)), ([all, acceptUntrusted]) => ({
    keys: all,
    acceptUntrusted,
  }));
}

function parseKey(key: string, operand: unknown, path: SettingPath, authorities: NamedAuthorities): Parsed<LeafKey> {
  const reader = Object.hasOwn(leafKeyReaders, key) ? leafKeyReaders[key] : undefined;
  if (reader === undefined) return refusedKey(path, `unknown key "${key}" of client_certificate${suggestName(key, certificateKeys)}`);
  return reader(operand, path, authorities);
}

function parseAcceptUntrusted(data: PlainObject, path: SettingPath): Parsed<boolean> {
  const { accept_untrusted: written = false } = data;
  if (typeof written === 'boolean') return parsed(written);
  return refused([...path, 'accept_untrusted'], `"accept_untrusted" takes true or false, found ${describeValue(written)}`);
}
