import { crc32 } from "node:zlib";
import t from "tap";
import { combineCrc32, crc32Shift } from "./crc32-combine.js";

void t.test("two pieces have the CRC of their concatenation", (t) => {
  let seed = 1;
  const next = (bound: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed % bound;
  };
  for (const [first, second] of [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
    [3, 65_536],
    ...Array.from({ length: 40 }, () => [next(5_000), next(20_000)] as const),
  ] as const) {
    const bytes = Buffer.from(Array.from({ length: first + second }, () => next(256)));
    const [a, b] = [bytes.subarray(0, first), bytes.subarray(first)];
    const combined = combineCrc32(crc32(a), crc32(b), crc32Shift(b.length));
    t.equal(combined, crc32(bytes), `${first} and ${second} bytes`);
  }
  t.end();
});
