import type { RevocationStatus } from '../certificate/revocation-lookup.ts';

type StatusOf<Kind extends RevocationStatus['kind']> = Extract<RevocationStatus, { kind: Kind }>;

// One object each, for every certificate: the judge tells by them whether anything is new.

export const unasked: StatusOf<'unasked'> = { kind: 'unasked' };
export const noSource: StatusOf<'no-source'> = { kind: 'no-source' };
export const good: StatusOf<'good'> = { kind: 'good' };
