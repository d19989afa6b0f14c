import type { HeaderDialect } from './header-dialect.ts';

/** The two headers of many a tutorial for nginx. */
export const xClient: HeaderDialect = {
  write: ({ subject }) => ['X-Client-DN', subject, 'X-Client-Verify', 'SUCCESS'],
  withoutCertificate: ['X-Client-Verify', 'NONE'],
};
