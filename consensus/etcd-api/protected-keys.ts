import type { KeyRange } from "../store-api.js";

/** What the API server and the loops keep; nobody else's writes may go there by mistake. */
const PREFIXES = ["/registry", "/raftsman"].map((text) => ({
  first: Buffer.from(text),
  // The first key after all that begin with the text.
  after: Buffer.from(text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) + 1)),
}));

/** True when the key, or a key of the range, is one of the API server's own. */
export function isProtected({ key, rangeEnd }: KeyRange): boolean {
  return PREFIXES.some(({ first, after }) => {
    if (rangeEnd === undefined) return key.compare(first) >= 0 && key.compare(after) < 0;
    return key.compare(after) < 0 && rangeEnd.compare(first) > 0;
  });
}
