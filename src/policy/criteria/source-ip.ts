import type { SettingPath } from '../../config/problem.ts';
import type { IpRange } from '../ip-address.ts';
import { isInRange, parseAddress, parseAddressRange } from '../ip-address.ts';
import type { Parsed } from '../parsed.ts';
import { collectParsed, mapParsed, parsed, refused } from '../parsed.ts';
import { describeValue } from '../plain-data.ts';
import type { CriterionKind } from './criterion-kind.ts';
import { whenFacts } from './criterion-kind.ts';

/** `source_ip`: the peer of the connection, never what a header claims. */
export const sourceIpCriterion: CriterionKind = {
  name: 'source_ip',
  operand: 'address, CIDR range, or a list of them',
  takesPath: false,
  needsPerson: false,
  whenTrue: ['source-ip-ok'],
  whenFalse: ['source-ip-unauthorized'],
  compile: ({ data, path }) =>
    mapParsed(parseRanges(data, path), (written) => {
      const ranges = written.map(({ range }) => range);
      const accepts = (address: string): boolean => isInSomeRange(address, ranges);
      // Ranges with a common address lie one in the other, so that any address of the narrowest is in all of them.
      const demand = { subject: 'source_ip', candidates: written.map(({ address }) => address), accepts };
      return {
        evaluate: whenFacts(({ sourceIp }) => accepts(sourceIp), 'source-ip-ok', 'source-ip-unauthorized'),
        look: ({ sourceIp }) => sourceIp,
        certain: undefined,
        demands: [demand],
      };
    }),
};

interface WrittenRange {
  readonly range: IpRange;
  /** Some address of it. */
  readonly address: string;
}

function parseRanges(data: unknown, path: SettingPath): Parsed<readonly WrittenRange[]> {
  if (!Array.isArray(data)) return mapParsed(parseRange(data, path), (range) => [range]);
  if (data.length === 0) return refused(path, '"source_ip" is an empty list; write an address or a range such as "10.0.0.0/8"');
  return collectParsed(data.map((element: unknown, index) => parseRange(element, [...path, index])));
}

function parseRange(text: unknown, path: SettingPath): Parsed<WrittenRange> {
  const range = typeof text === 'string' ? parseAddressRange(text) : undefined;
  if (typeof text === 'string' && range !== undefined) return parsed({ range, address: text.replace(/\/.*$/, '') });
  return refused(
    path,
    `cannot read source_ip ${describeValue(text)}; write an address such as "192.0.2.7" or a range such as "10.0.0.0/8"`,
  );
}

function isInSomeRange(sourceIp: string, ranges: readonly IpRange[]): boolean {
  const address = parseAddress(sourceIp);
  return address !== undefined && ranges.some((range) => isInRange(address, range));
}
