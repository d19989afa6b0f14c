/** The `Status` object of a Kubernetes API server (v1, meta): the only form of an error whose message kubectl shows. */
export function kubernetesStatus(status: number, message: string): Readonly<Record<string, unknown>> {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: reasons.get(status) ?? 'Unknown',
    code: status,
  };
}

// Of its machine-readable reasons those that fit what we refuse.
const reasons: ReadonlyMap<number, string> = new Map([
  [400, 'BadRequest'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'NotFound'],
  [405, 'MethodNotAllowed'],
  [408, 'Timeout'],
  [500, 'InternalError'],
  [503, 'ServiceUnavailable'],
  [504, 'Timeout'],
]);
