import type { HeaderList } from '../http/header-list.ts';
import { isFieldValue } from '../http/header-list.ts';

/** Who acts towards a Kubernetes API; nobody but Postern says any of it. In the form of `HeaderPlan.dropNames`. */
export const kubernetesNames: readonly string[] = ['authorization', 'impersonate-user', 'impersonate-group', 'impersonate-uid'];

export interface ImpersonatedPerson {
  readonly email: string | undefined;
  readonly groups: readonly string[];
}

/**
 * The token of the service account together with the person it acts for. Nothing at all where there is nobody to name: the token alone
 * is the service account itself, which may do anything that anybody may.
 */
export function kubernetesHeaders(token: string, person: ImpersonatedPerson | undefined): HeaderList {
  const user = fieldText(person?.email ?? '');
  if (person === undefined || user === '') return [];
  // In a list with commas a group that holds one would be two others.
  const groups = person.groups.filter((group) => !group.includes(',')).map(fieldText);
  const named = groups.filter((group) => group !== '');
  const fields = ['Authorization', `Bearer ${token}`, 'Impersonate-User', user];
  return named.length === 0 ? fields : [...fields, 'Impersonate-Group', named.join(',')];
}

/** UTF-8, one character per byte as Node writes headers. Empty for what would become another name in a header, by white space or worse. */
function fieldText(text: string): string {
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  return isFieldValue(bytes) && text === text.trim() ? bytes : '';
}
