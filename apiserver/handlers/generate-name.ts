import type { Random } from "../../base/random.js";

/** No vowels, so that no words come out; no 0, 1, 3: they look like letters. As in Kubernetes. */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH = 5;
const NAME_MAX = 63;

/**
 * `prefix` with five random characters; the prefix is cut where the name would grow too long for a
 * label.
 */
export function generateName(prefix: string, random: Random): string {
  let name = prefix.slice(0, NAME_MAX - SUFFIX_LENGTH);
  for (let i = 0; i < SUFFIX_LENGTH; i += 1) name += ALPHABET.charAt(random.below(ALPHABET.length));
  return name;
}
