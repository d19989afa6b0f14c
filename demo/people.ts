/** The people of the demo. They have no passwords: whoever sits at this machine may be any of them. */
export interface DemoPerson {
  /** The user id at the provider, and the name of the certificate's files. */
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly groups: readonly string[];
}

export const people: readonly DemoPerson[] = [
  { id: 'alice', name: 'Alice', email: 'alice@example.com', groups: ['admins', 'staff'] },
  { id: 'bob', name: 'Bob', email: 'bob@example.com', groups: ['staff'] },
  { id: 'carol', name: 'Carol', email: 'carol@example.com', groups: [] },
];
