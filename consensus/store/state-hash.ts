/**
 * A hash of a set that members can be added to and removed from in any order: the sum of their
 * hashes, in two lanes of 32 bits. It finds replicas that differ by a fault; it is no protection
 * against somebody who wants them to look alike.
 */
export class SetHash {
  private low = 0;
  private high = 0;

  /** Adds a member, described by a 32-bit checksum and a safe integer. */
  add(sum: number, number: number): void {
    this.low = (this.low + mix(sum, number, LOW_SEED)) | 0;
    this.high = (this.high + mix(sum, number, HIGH_SEED)) | 0;
  }

  /** Removes what was added so. */
  remove(sum: number, number: number): void {
    this.low = (this.low - mix(sum, number, LOW_SEED)) | 0;
    this.high = (this.high - mix(sum, number, HIGH_SEED)) | 0;
  }

  /** Makes this the hash of both. */
  addAll(other: SetHash): void {
    this.low = (this.low + other.low) | 0;
    this.high = (this.high + other.high) | 0;
  }

  /** 16 hex digits. */
  toString(): string {
    return hexOfLane(this.high) + hexOfLane(this.low);
  }
}

function hexOfLane(lane: number): string {
  return (lane >>> 0).toString(16).padStart(8, "0");
}

const LOW_SEED = 0x9747b28c;
const HIGH_SEED = 0x3c6ef372;
const HIGH_WORD = 0x1_0000_0000;

/** Every bit of the three decides about every bit of the result (MurmurHash3). */
function mix(sum: number, number: number, seed: number): number {
  let hash = seed;
  for (const word of [sum | 0, number | 0, (number / HIGH_WORD) | 0]) {
    const scrambled = Math.imul(word, 0xcc9e2d51);
    hash ^= Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
