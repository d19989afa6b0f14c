import { writePath } from '../../config/problem.ts';
import type { Reading } from '../../config/reading.ts';
import { flattenClaims } from '../../identity/flatten-claims.ts';
import type { Person } from '../../identity/person.ts';
import { makeUpPerson } from '../make-up-person.ts';
import type { Leaf } from './read-leaf.ts';
import { readEntries, readKeys, readText, readTexts } from './read-leaf.ts';

/** What `as` says of somebody who is not signed in. */
export const nobody = 'nobody';

const keys = ['email', 'user', 'name', 'groups', 'claims'] as const;

/** The people of a test file by the names that tests call them; undefined for those of whom a problem was told. */
export function readPeople(reading: Reading, leaf: Leaf | undefined): ReadonlyMap<string, Person | undefined> {
  const people = new Map<string, Person | undefined>();
  if (leaf === undefined) return people;
  for (const [name, described] of readEntries(reading, leaf) ?? []) {
    people.set(name, name === nobody ? refuseNobody(reading, described) : readPerson(reading, described));
  }
  return people;
}

function refuseNobody(reading: Reading, { path }: Leaf): undefined {
  reading.error(path, `"${nobody}" is somebody who is not signed in: choose another name`, { part: 'key' });
  return undefined;
}

function readPerson(reading: Reading, leaf: Leaf): Person | undefined {
  const described = readKeys(reading, leaf, keys);
  if (described === undefined) return undefined;
  const text = (key: 'email' | 'user' | 'name'): string | undefined => {
    const written = described.get(key);
    return written === undefined ? undefined : readText(reading, written);
  };
  const [email, user, name] = [text('email'), text('user'), text('name')];
  const person = makeUpPerson({ user, email, name, claims: readClaims(reading, described) });
  if (person === undefined && !described.has('email') && !described.has('user'))
    reading.error(leaf.path, `${writePath(leaf.path)} is nobody yet: write email or user`, { code: 'missing-key', part: 'key' });
  return person;
}

/** As the provider's own claims are read; `groups` beside them is the claim of that name. */
function readClaims(reading: Reading, described: ReadonlyMap<string, Leaf>): Person['claims'] {
  const written = described.get('claims');
  const entries = written === undefined ? undefined : readEntries(reading, written);
  const claims = new Map(flattenClaims(Object.fromEntries([...(entries ?? [])].map(([name, { value }]) => [name, value]))));
  const groups = described.get('groups');
  const names = groups === undefined ? undefined : readTexts(reading, groups);
  if (names !== undefined) claims.set('groups', [...(claims.get('groups') ?? []), ...names]);
  return claims;
}
