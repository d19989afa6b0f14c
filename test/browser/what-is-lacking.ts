import { findTool } from '../../scripts/optional-tools.ts';
import { canWritePolicies } from './certificate-policy.ts';

/** Why no real browser can be driven here; undefined where one can. */
export function whatIsLacking(): string | undefined {
  if (findTool('chromium') === undefined) return 'chromium is not installed';
  if (findTool('certutil') === undefined || findTool('pk12util') === undefined) return 'certutil and pk12util are not installed';
  if (!canWritePolicies()) return 'the policies of Chromium in /etc/chromium/policies/managed may not be written';
  return undefined;
}
