import type { Recorder } from '../walk/recorder.ts';

/** The fields of the first request that a recorder saw, names in lower case. */
export function fieldsAt(upstream: Recorder): [string, string][] {
  const [head = ''] = upstream.bytes().split('\r\n\r\n');
  return head
    .split('\r\n')
    .slice(1)
    .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]);
}
