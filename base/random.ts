import { assert } from "./assert.js";

/** Randomness as a dependency, so that a run can be replayed from its seed. */
export interface Random {
  /** An integer in 0 … bound-1. */
  below(bound: number): number;
}

/** Deterministic random numbers (xoshiro128**, seeded by splitmix32): one seed, one sequence. */
export class SeededRandom implements Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  constructor(seed: number) {
    let state = seed >>> 0;
    const next = (): number => {
      state = (state + 0x9e3779b9) >>> 0;
      let z = state;
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      return (z ^ (z >>> 16)) >>> 0;
    };
    this.a = next();
    this.b = next();
    this.c = next();
    this.d = next() | 1;
  }

  /** 32 random bits as an unsigned integer. */
  uint32(): number {
    const rotated = rotateLeft(Math.imul(this.b, 5), 7);
    const result = Math.imul(rotated, 9) >>> 0;
    const t = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= t;
    this.d = rotateLeft(this.d, 11);
    return result;
  }

  below(bound: number): number {
    assert(Number.isSafeInteger(bound) && bound > 0, `below(${bound})`);
    return Math.floor((this.uint32() / 0x1_0000_0000) * bound);
  }

  /** True once in `n` calls on average. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  /** True in `percent` of 100 calls on average. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}
