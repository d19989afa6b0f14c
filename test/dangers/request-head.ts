import type { Recorder } from '../walk/recorder.ts';

/** The fields of the first request that a recorder saw, names in lower case. */
export function fieldsAt(upstream: Recorder): [string, string][] {
  const [head = ''] = upstream.bytes().split('\r\n\r\n');
  return fieldsOf(head);
}

/** The same of each request without a body, by its target. */
export function headsAt(upstream: Recorder): ReadonlyMap<string, [string, string][]> {
  const heads = upstream.bytes().split('\r\n\r\n').slice(0, -1);
  return new Map(heads.map((head) => [head.split(' ')[1] ?? '', fieldsOf(head)]));
}

function fieldsOf(head: string): [string, string][] {
  return head
    .split('\r\n')
    .slice(1)
    .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]);
}
