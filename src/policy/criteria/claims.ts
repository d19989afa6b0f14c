import { parseListMatcher } from '../list-matcher.ts';
import type { Claims, ClaimValue } from '../facts.ts';
import { mapParsed, refused } from '../parsed.ts';
import type { CriterionKind } from './criterion-kind.ts';
import { dependently, whenPerson } from './criterion-kind.ts';

const noValues: readonly ClaimValue[] = [];

/** `groups` and `claim/…`: what the provider says of the person. */
export const claimCriteria: readonly CriterionKind[] = [
  {
    name: 'groups',
    operand: 'list matcher',
    takesPath: false,
    needsPerson: true,
    whenTrue: ['groups-ok'],
    whenFalse: ['groups-unauthorized'],
    compile: ({ data, path }) =>
      mapParsed(parseListMatcher(data, path), (holds) =>
        dependently(
          whenPerson((person) => holds(person.claims.get('groups') ?? noValues), 'groups-ok', 'groups-unauthorized'),
          ({ person }) => person?.claims.get('groups'),
        ),
      ),
  },
  {
    name: 'claim',
    operand: 'list matcher',
    takesPath: true,
    needsPerson: true,
    whenTrue: ['claim-ok'],
    whenFalse: ['claim-unauthorized'],
    compile({ data, path, subpath }) {
      if (subpath === '') return refused(path, 'criterion "claim" needs the name of a claim; write "claim/department" for one');
      const values = claimReader(subpath);
      return mapParsed(parseListMatcher(data, path), (holds) =>
        dependently(
          whenPerson((person) => holds(values(person.claims) ?? noValues), 'claim-ok', 'claim-unauthorized'),
          ({ person }) => (person === undefined ? undefined : values(person.claims)),
        ),
      );
    },
  },
];

/** A claim literally named like the path comes first, then the nested one: claims are flattened with dots. */
function claimReader(subpath: string): (claims: Claims) => readonly ClaimValue[] | undefined {
  const nested = subpath.replaceAll('/', '.');
  return (claims) => claims.get(subpath) ?? claims.get(nested);
}
