import type { Reason } from '../decision.ts';
import type { Demand } from '../demand.ts';
import type { PersonFacts } from '../facts.ts';
import { mapParsed, parsed } from '../parsed.ts';
import type { StringCheck, StringTest } from '../string-matcher.ts';
import { holdsAll, parseStringMatcher, stringDemands } from '../string-matcher.ts';
import type { CriterionKind } from './criterion-kind.ts';
import { dependently, whenPerson } from './criterion-kind.ts';

/** `authenticated_user`, `user`, `email`, `domain`: who the person is. */
export const personCriteria: readonly CriterionKind[] = [
  {
    name: 'authenticated_user',
    operand: 'anything',
    takesPath: false,
    needsPerson: true,
    whenTrue: ['user-ok'],
    whenFalse: ['user-unauthorized'],
    compile: () =>
      parsed(
        dependently(
          whenPerson((person) => person.id !== '', 'user-ok', 'user-unauthorized'),
          ({ person }) => person?.id,
        ),
      ),
  },
  stringOfPerson('user', { whenTrue: 'user-ok', whenFalse: 'user-unauthorized' }, ({ id }) => id || undefined),
  stringOfPerson('email', { whenTrue: 'email-ok', whenFalse: 'email-unauthorized' }, ({ email }) => email || undefined),
  stringOfPerson('domain', { whenTrue: 'domain-ok', whenFalse: 'domain-unauthorized' }, ({ email }) => domainOf(email)),
];

/** A string matcher on what `read` finds; where it finds nothing, no operator holds: `not` must not let in who has no e-mail. */
function stringOfPerson(
  name: string,
  { whenTrue, whenFalse }: { readonly whenTrue: Reason; readonly whenFalse: Reason },
  read: (person: PersonFacts) => string | undefined,
): CriterionKind {
  return {
    name,
    operand: 'string matcher',
    takesPath: false,
    needsPerson: true,
    whenTrue: [whenTrue],
    whenFalse: [whenFalse],
    compile: ({ data, path }) =>
      mapParsed(parseStringMatcher(data, path), (checks) => {
        const holds = holdsAll(checks);
        const test = (person: PersonFacts): boolean => {
          const value = read(person);
          return value !== undefined && holds(value);
        };
        return {
          evaluate: whenPerson(test, whenTrue, whenFalse),
          look: ({ person }) => (person === undefined ? undefined : read(person)),
          certain: undefined,
          demands: demandsOn(name, checks, holds),
        };
      }),
  };
}

/** A domain is asked of the e-mail too: `email: a@x` and `domain: y` have nobody in common. */
function demandsOn(name: string, checks: readonly StringCheck[], holds: StringTest): readonly Demand[] {
  const own = stringDemands(name, checks);
  if (name !== 'domain') return own;
  const accepts = (email: string): boolean => {
    const domain = domainOf(email);
    return domain !== undefined && holds(domain);
  };
  return [...own, { subject: 'email', candidates: undefined, accepts }];
}

/** The second piece of the e-mail split at `@`, as Pomerium has it: `x` of `a@x@y`. */
function domainOf(email: string | undefined): string | undefined {
  if (email === undefined) return undefined;
  const at = email.indexOf('@');
  if (at === -1) return undefined;
  const next = email.indexOf('@', at + 1);
  return next === -1 ? email.slice(at + 1) : email.slice(at + 1, next);
}
