import { createPrivateKey } from 'node:crypto';

// Making primes of that size takes a minute; these are known ones. That they are means that the key protects nothing.
const p = 2n ** 11_213n - 1n;
const q = 58_889n * 2n ** 5155n + 1n;
// The largest prime of 64 bits: OpenSSL takes no longer exponent with a modulus of this size, and checking takes as long as it has bits.
const e = 2n ** 64n - 59n;

/** An RSA key of 16,384 bits, the most that OpenSSL takes; PKCS #8 in PEM. */
export function largeRsaKeyPem(): string {
  const d = inverse(e, (p - 1n) * (q - 1n));
  const numbers = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const key = { kty: 'RSA', ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, base64url(value)])) };
  return createPrivateKey({ key, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' });
}

/** Euclid's way. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [rest, next, factor, nextFactor] = [modulus, value % modulus, 0n, 1n];
  while (next !== 0n) {
    const quotient = rest / next;
    [rest, next] = [next, rest - quotient * next];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return factor < 0n ? factor + modulus : factor;
}

function base64url(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url');
}
