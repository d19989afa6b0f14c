/** One that is a sentence for the operator as it is. */
export class ToldProblem extends Error {}

/** A port that can't be had is the operator's everyday mistake: one sentence, not a stack. */
export function startProblem(error: unknown): string {
  if (error instanceof ToldProblem) return error.message;
  const { code, where } = listenError(error);
  if (code === 'EADDRINUSE') return `Cannot listen on ${where}: another program has it; stop that one or set another address`;
  if (code === 'EACCES')
    return `Cannot listen on ${where}: ports below 1024 need a permission of their own; set another address or grant CAP_NET_BIND_SERVICE`;
  if (code === 'EADDRNOTAVAIL') return `Cannot listen on ${where}: this machine has no such address`;
  return `Cannot start: ${error instanceof Error ? error.message : String(error)}`;
}

/** Node adds these to the errors of a listening socket; the type of an error knows nothing of them. */
function listenError(error: unknown): { readonly code: string; readonly where: string } {
  const told: Readonly<Record<string, unknown>> = error instanceof Error ? Object.fromEntries(Object.entries(error)) : {};
  const [code = '', address = '', port = ''] = ['code', 'address', 'port'].map((name) => {
    const value = told[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  });
  return { code, where: `${address}:${port}` };
}
