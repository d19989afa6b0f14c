import type { IssueOptions } from '../../src/certificate/issue-certificate.ts';

/** The moment of every judgement, and spans around it, before it and after it. */
export const at: number = Date.parse('2026-06-01T12:00:00Z');
export const valid: Pick<IssueOptions, 'from' | 'to'> = { from: new Date('2026-01-01'), to: new Date('2027-01-01') };
export const past: Pick<IssueOptions, 'from' | 'to'> = { from: new Date('2025-01-01'), to: new Date('2026-01-01') };
export const future: Pick<IssueOptions, 'from' | 'to'> = { from: new Date('2026-12-01'), to: new Date('2027-01-01') };
