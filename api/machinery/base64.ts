const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Int8Array(128).fill(-1);
for (let i = 0; i < ALPHABET.length; i += 1) VALUES[ALPHABET.charCodeAt(i)] = i;

/**
 * Checks standard base64 with padding; line breaks in it are dropped. `at` is where it goes wrong,
 * as Go's decoder counts.
 */
export function canonicalBase64(
  text: string,
): { readonly ok: true; readonly text: string } | { readonly ok: false; readonly at: number } {
  const hasBreaks = text.includes("\n") || text.includes("\r");
  const clean = hasBreaks ? text.replace(/[\r\n]/g, "") : text;
  if (clean.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(clean))
    return { ok: true, text: clean };
  return { ok: false, at: errorOffset(text) };
}

/** Encodes bytes as standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += 3072)
    parts.push(encodePart(bytes.subarray(start, start + 3072)));
  return parts.join("");
}

/** Decodes what canonicalBase64 accepted; null for anything else. */
export function decodeBase64(text: string): Uint8Array | null {
  const checked = canonicalBase64(text);
  if (!checked.ok) return null;
  const clean = checked.text;
  const padding = clean.endsWith("==") ? 2 : clean.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((clean.length / 4) * 3 - padding);
  let at = 0;
  for (let i = 0; i < clean.length; i += 4) {
    const group =
      (valueAt(clean, i) << 18) |
      (valueAt(clean, i + 1) << 12) |
      (valueAt(clean, i + 2) << 6) |
      valueAt(clean, i + 3);
    bytes[at] = group >> 16;
    if (at + 1 < bytes.length) bytes[at + 1] = (group >> 8) & 0xff;
    if (at + 2 < bytes.length) bytes[at + 2] = group & 0xff;
    at += 3;
  }
  return bytes;
}

function encodePart(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = [bytes[i], bytes[i + 1], bytes[i + 2]];
    text += ALPHABET.charAt(a >> 2) + ALPHABET.charAt(((a & 3) << 4) | (b >> 4));
    text += i + 1 < bytes.length ? ALPHABET.charAt(((b & 15) << 2) | (c >> 6)) : "=";
    text += i + 2 < bytes.length ? ALPHABET.charAt(c & 63) : "=";
  }
  return text;
}

/** Padding counts as 0. */
function valueAt(text: string, index: number): number {
  return Math.max(0, VALUES[text.charCodeAt(index)] ?? 0);
}

/**
 * Go reports the offset of the first character that cannot stand where it is, or of the end when
 * text is missing.
 */
function errorOffset(text: string): number {
  let inGroup = 0;
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charAt(i);
    if (char === "\n" || char === "\r") continue;
    if (char === "=" && inGroup >= 2) {
      const rest = text.slice(i).replace(/[\r\n]/g, "");
      const wanted = inGroup === 2 ? "==" : "=";
      if (rest === wanted) return text.length;
      return rest.startsWith(wanted) ? i + wanted.length : text.length;
    }
    if ((VALUES[text.charCodeAt(i)] ?? -1) < 0) return i;
    inGroup = (inGroup + 1) % 4;
  }
  return text.length - inGroup;
}
