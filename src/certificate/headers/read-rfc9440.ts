import type { X509Certificate } from 'node:crypto';
import type { ReadDialect } from './certificate-reading.ts';
import { allOf, presentedIn, readBase64Certificate, refuse } from './certificate-reading.ts';

const leafName = 'client-cert';
const chainName = 'client-cert-chain';

/** RFC 9440. Parameters, which RFC 8941 allows and nobody defined, are refused. */
export const readRfc9440: ReadDialect = {
  names: [leafName, chainName],
  read(values) {
    const [item, ...more] = values(leafName);
    const chainLines = values(chainName);
    if (more.length > 0) return refuse(`"${leafName}" came ${more.length + 1} times, expected once`);
    if (item === undefined) return chainLines.length === 0 ? { kind: 'none' } : refuse(`"${chainName}" came without "${leafName}"`);
    const leaf = readItem(item);
    if (leaf === undefined) return presentedIn(leafName, undefined);
    const chain = chainLines.length === 0 ? [] : readList(chainLines);
    return presentedIn(chainName, chain === undefined ? undefined : [leaf, ...chain]);
  },
};

/** Several lines are one list (RFC 8941 section 3.1); an empty one has no members. */
function readList(lines: readonly string[]): readonly X509Certificate[] | undefined {
  const list = lines.join(',');
  return /^ *$/.test(list) ? [] : allOf(list.split(',').map(readItem));
}

function readItem(text: string): X509Certificate | undefined {
  const [, base64] = /^[ \t]*:([A-Za-z0-9+/=]*):[ \t]*$/.exec(text) ?? [];
  return base64 === undefined ? undefined : readBase64Certificate(base64);
}
