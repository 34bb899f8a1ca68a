/** The polynomial of gzip's CRC-32 (RFC 1952 §8), bits reversed. */
const POLYNOMIAL = 0xedb8_8320;
const ONE = 0x8000_0000;

/** x^(2^n) modulo the polynomial, for n from 0: what is multiplied to shift by so many bits. */
const POWERS: readonly number[] = powers();

/** The product of two polynomials modulo the CRC's, both with their bits reversed. */
function product(a: number, b: number): number {
  let sum = 0;
  let factor = b;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) sum ^= factor;
    factor = (factor & 1) === 0 ? factor >>> 1 : (factor >>> 1) ^ POLYNOMIAL;
  }
  return sum >>> 0;
}

function powers(): number[] {
  const list = [ONE >>> 1];
  for (let last = ONE >>> 1; list.length < 32; ) {
    last = product(last, last);
    list.push(last);
  }
  return list;
}

/**
 * What shifts a CRC over `sizeBytes` bytes: worked out once for a piece of data, and handed to
 * `combineCrc32`.
 */
export function crc32Shift(sizeBytes: number): number {
  let shift = ONE;
  // A byte is 2^3 bits.
  let exponent = 3;
  for (let rest = sizeBytes; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) shift = product(POWERS[exponent % 32] ?? 0, shift);
    exponent += 1;
  }
  return shift;
}

/** The CRC-32 of two pieces of data one after the other; `shift` is that of the second one. */
export function combineCrc32(first: number, second: number, shift: number): number {
  return (product(shift, first) ^ second) >>> 0;
}
