import { appHost } from '../bench-files.ts';
import { threeCriteria } from '../candidates/postern-configuration.ts';

export interface RouteCounts {
  readonly hosts: number;
  readonly paths: number;
  /** Different ones, given out to the routes in turn. */
  readonly policies: number;
}

/** Of the last of the made-up hosts. */
export const probePath = '/generation';

/** Routes in YAML: so many hosts with so many paths each, and before them one fixed answer at the app, which is `generation`. */
export function madeUpRoutes({ hosts, paths, policies }: RouteCounts, to: { upstreamPort: number; generation: number }): string {
  const probe = `{name: probe, from: https://${appHost}, path: ${probePath}, response: {status: 200, body: "${to.generation}"}, allow_public_unauthenticated_access: true}`;
  const lines = Array.from({ length: hosts * paths }, (_, number) => {
    const host = madeUpHost(number % hosts);
    return `{name: route-${number}, from: https://${host}, prefix: ${madeUpPath(Math.floor(number / hosts))}, to: http://127.0.0.1:${to.upstreamPort}, policy: ${policyOf(number % policies)}}`;
  });
  return [probe, ...lines].map((line) => `  - ${line}\n`).join('');
}

/** The first is the app. */
export function madeUpHost(number: number): string {
  return number === 0 ? appHost : `app-${number}.postern.test`;
}

export function madeUpPath(number: number): string {
  return `/app-${number}/`;
}

/** Three criteria that whoever signed in meets, and a fourth that makes the policy another one than all others; it is not the one that decides. */
function policyOf(number: number): string {
  return `{allow: {and: [{${threeCriteria}}]}, deny: {or: [{email: {is: person-${number}@example.com}}]}}`;
}
