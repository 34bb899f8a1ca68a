// No vowels and nothing that looks like another: what comes out spells no word (apimachinery,
// util/rand).
const SAFE = "bcdfghjklmnpqrstvwxz2456789";

/** A short name for a text, fit for a part of an object's name and the same wherever computed. */
export function shortHash(text: string): string {
  const digits = String(fnv1a32(text));
  return Array.from(digits, (digit) => SAFE[digit.charCodeAt(0) % SAFE.length]).join("");
}

function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ (text.charCodeAt(i) & 0xff), 0x01000193);
    if (text.charCodeAt(i) > 0xff) hash = Math.imul(hash ^ (text.charCodeAt(i) >>> 8), 0x01000193);
  }
  return hash >>> 0;
}
