/**
 * A smaller input that still fails, by leaving out ever smaller pieces and then making bytes plain; the input itself when nothing
 * smaller does. `fails` is asked at most `budget` times.
 */
export async function minimise(input: Buffer, fails: (candidate: Buffer) => Promise<boolean>, budget: number = 2_000): Promise<Buffer> {
  let best = input;
  let asked = 0;
  const hasBudget = (): boolean => asked < budget;
  const tryOne = async (candidate: Buffer): Promise<boolean> => {
    if (!hasBudget() || candidate.equals(best)) return false;
    asked += 1;
    if (!(await fails(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.length && hasBudget();) {
      const shorter = Buffer.concat([best.subarray(0, at), best.subarray(at + size)]);
      if (!(await tryOne(shorter))) at += size;
    }
  }
  for (let at = 0; at < best.length && hasBudget(); at += 1) {
    const plain = Buffer.from(best);
    plain[at] = 0x61;
    await tryOne(plain);
  }
  return best;
}
