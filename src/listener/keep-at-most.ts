/** Puts a value into a map that strangers can fill, and forgets the oldest entry when it then holds more than `limit`. Returns the value. */
export function keepAtMost<K, V>(limit: number, map: Map<K, V>, key: K, value: V): V {
  map.set(key, value);
  if (map.size > limit) {
    const oldest = map.keys().next();
    if (!oldest.done) map.delete(oldest.value);
  }
  return value;
}
