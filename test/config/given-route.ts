import type { ForwardSettings } from '../../src/config/action-settings.ts';
import type { RouteSettings } from '../../src/config/settings.ts';
import type { Given } from './given-settings.ts';
import { settingsOf, told } from './given-settings.ts';

/** One route as an operator writes it; `from` and `to` are filled in where they are not given. */
export type WrittenRoute = Readonly<Record<string, unknown>>;

export interface Surroundings {
  /** Top-level keys. */
  readonly top?: Readonly<Record<string, unknown>>;
  readonly files?: Readonly<Record<string, string>>;
}

/** The settings of a route that must be good. */
export function routeOf(route: WrittenRoute, surroundings: Surroundings = {}): RouteSettings {
  const [read] = settingsOf(configuration(route, surroundings)).settings.routes;
  if (read === undefined) throw new Error('The route was left out');
  return read;
}

/** How a route that leads to upstreams forwards. */
export function forwardOf(route: WrittenRoute, surroundings: Surroundings = {}): ForwardSettings {
  const { action } = routeOf(route, surroundings);
  if (action.kind !== 'forward') throw new Error(`The route leads to a ${action.kind}`);
  return action;
}

/** Code and message of everything that is told of a route. */
export function toldOf(route: WrittenRoute, surroundings: Surroundings = {}): readonly string[] {
  return told(configuration(route, surroundings)).map(({ code, message }) => `${code} ${message}`);
}

function configuration(route: WrittenRoute, { top = {}, files = {} }: Surroundings): Given {
  const isComplete = 'to' in route || 'redirect' in route || 'response' in route;
  const routes = [{ from: 'https://app.corp.example', ...(isComplete ? {} : { to: 'http://127.0.0.1:8080' }), ...route }];
  // JSON is YAML.
  return { text: JSON.stringify({ insecure_server: true, ...top, routes }), files };
}
