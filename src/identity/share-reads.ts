/**
 * The same `fetch`, by which all who read one address at the same time share one request: a hundred people who come back from the
 * provider at once ask for its keys once. Whatever carries a body or somebody's token is sent as it is.
 */
export function shareReads(carry: typeof fetch): typeof fetch {
  const underWay = new Map<string, Promise<Response>>();
  return async (input, init) => {
    const isShared = (init?.method ?? 'GET') === 'GET' && !new Headers(init?.headers).has('authorization');
    if (!isShared || input instanceof Request) return carry(input, init);
    const key = String(input);
    const reading = underWay.get(key) ?? begin(key, carry(input, init));
    return (await reading).clone();
  };

  function begin(key: string, reading: Promise<Response>): Promise<Response> {
    underWay.set(key, reading);
    const end = (): boolean => underWay.delete(key);
    reading.then(end, end);
    return reading;
  }
}
