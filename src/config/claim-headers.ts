import { normalisedName } from '../http/header-list.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { RawSettings } from './raw-settings.ts';
import type { Reading } from './reading.ts';
import type { ClaimHeader } from './settings.ts';
import { refuseHeaderName } from './upstream-header.ts';

type Written = Exclude<RawSettings['jwt_claims_headers'], undefined>;

interface WrittenHeader extends ClaimHeader {
  readonly path: SettingPath;
}

const standardPrefix = 'x-pomerium-claim-';
const top: SettingPath = ['jwt_claims_headers'];

/** `jwt_claims_headers`: a map of header and claim, or claims as a list or text, which get the header `x-pomerium-claim-…`. */
export function readClaimHeaders(reading: Reading, written: Written | undefined): readonly ClaimHeader[] {
  const seen = new Map<string, string>();
  const headers: ClaimHeader[] = [];
  for (const { header, claim, path } of written === undefined ? [] : listed(written)) {
    const refusal = refuse(header, claim, seen);
    if (refusal === undefined) headers.push({ header, claim });
    else reading.error(path, `${writePath(path)}: ${refusal}`, { part: 'key' });
    // Upstreams behind a gateway interface can't tell `-` from `_`, so two such names are one.
    seen.set(normalisedName(header), header);
  }
  return headers;
}

function listed(written: Written): readonly WrittenHeader[] {
  if (typeof written === 'string') {
    const claims = written.split(/[\s,]+/).filter((claim) => claim !== '');
    return claims.map((claim) => ({ header: standardPrefix + claim, claim, path: top }));
  }
  if (isList(written)) return written.map((claim, index) => ({ header: standardPrefix + claim, claim, path: [...top, index] }));
  return Object.entries(written).map(([header, claim]) => ({ header, claim, path: [...top, header] }));
}

function refuse(header: string, claim: string, seen: ReadonlyMap<string, string>): string | undefined {
  if (claim.trim() === '') return 'the name of the claim is empty';
  const isStandard = normalisedName(header).startsWith(normalisedName(standardPrefix));
  const refusal = refuseHeaderName(isStandard ? header.slice(standardPrefix.length) : header);
  if (refusal !== undefined)
    return isStandard ? `the claim ${quoteValue(claim)} makes no header name: write a map of header and claim` : refusal;
  const twin = seen.get(normalisedName(header));
  return twin === undefined ? undefined : `the header ${quoteValue(header)} is written twice, the other time as ${quoteValue(twin)}`;
}

// Array.isArray forgets that the list is readonly.
function isList(written: Exclude<Written, string>): written is readonly string[] {
  return Array.isArray(written);
}
