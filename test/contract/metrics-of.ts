/** A metric as an expression names it, with the labels that are compared or grouped by. */
export interface NamedMetric {
  readonly metric: string;
  readonly labels: readonly string[];
}

const word = /[a-zA-Z_:][a-zA-Z0-9_:]*/g;

/**
 * The metrics of a PromQL expression. Reads as much of the language as the dashboard and the alerts use: what `by` and `without` group
 * by is taken for labels of every metric of the expression.
 */
export function metricsOf(expression: string): readonly NamedMetric[] {
  const grouped = [...expression.matchAll(/\b(?:by|without)\s*\(([^)]*)\)/g)].flatMap(([, names = '']) => names.match(word) ?? []);
  const own = new Set([...expression.matchAll(/count_values\("(\w+)"/g)].map(([, label]) => label));
  const bare = expression.replace(/\b(?:by|without)\s*\([^)]*\)/g, '').replace(/\[[^\]]*\]/g, '');
  return [...bare.matchAll(/\b(postern_\w+|up)\b(?:\{([^}]*)\})?/g)].map(([, metric = '', matchers = '']) => ({
    metric,
    labels: [
      ...[...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
      ...grouped.filter((label) => !own.has(label)),
    ],
  }));
}
