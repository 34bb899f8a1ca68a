const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The length of what a base64 text decodes to; padding and line breaks do not count. */
export function base64SizeBytes(base64: string): number {
  let digits = 0;
  for (let i = 0; i < base64.length; i += 1) {
    const unit = base64.charCodeAt(i);
    if (unit > 0x20 && unit !== 0x3d) digits += 1;
  }
  return Math.floor((digits * 3) / 4);
}

/** The bytes of `text` in UTF-8 as padded base64. */
export function utf8ToBase64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    out += DIGITS.charAt(group >> 18) + DIGITS.charAt((group >> 12) & 63);
    out += left > 1 ? DIGITS.charAt((group >> 6) & 63) : "=";
    out += left > 2 ? DIGITS.charAt(group & 63) : "=";
  }
  return out;
}

/** The text whose UTF-8 bytes `base64` stands for; what is not UTF-8 becomes U+FFFD. */
export function base64ToUtf8(base64: string): string {
  return new TextDecoder().decode(base64ToBytes(base64));
}

/** The bytes that `base64` stands for; what is no digit is passed over. */
export function base64ToBytes(base64: string): Uint8Array {
  const bytes: number[] = [];
  let bits = 0;
  let group = 0;
  for (const character of base64) {
    const digit = DIGITS.indexOf(character);
    if (digit < 0) continue;
    group = ((group << 6) | digit) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((group >> bits) & 0xff);
  }
  return Uint8Array.from(bytes);
}
