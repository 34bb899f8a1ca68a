/** An address as numbers: 4 bytes, or 16. */
export interface IpAddress {
  readonly family: "IPv4" | "IPv6";
  readonly bytes: readonly number[];
}

/**
 * The address that `text` names, null when it is none. Leading zeros in IPv4 are read as decimal,
 * as Kubernetes does.
 */
export function parseIp(text: string): IpAddress | null {
  const bytes = text.includes(":") ? parseIpv6(text) : parseIpv4(text);
  if (bytes === null) return null;
  const mapped = bytes.length === 16 && isMapped(bytes);
  const family = bytes.length === 4 || mapped ? "IPv4" : "IPv6";
  return { family, bytes: mapped ? bytes.slice(12) : bytes };
}

/** The network that `text` names ("10.0.0.0/8"), null when it is none. */
export function parseCidr(text: string): (IpAddress & { readonly prefix: number }) | null {
  const slash = text.indexOf("/");
  const digits = text.slice(slash + 1);
  const address = slash < 0 ? null : parseIp(text.slice(0, slash));
  if (address === null || !/^\d{1,3}$/.test(digits)) return null;
  const prefix = Number(digits);
  return prefix > address.bytes.length * 8 ? null : { ...address, prefix };
}

function parseIpv4(text: string): number[] | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part))) return null;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : null;
}

function parseIpv6(text: string): number[] | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = groupsOf(halves[0] ?? "", halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? "", true) : [];
  if (head === null || tail === null) return null;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return null;
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

/** The bytes of groups parted by colons; the last one may be written as an IPv4 address. */
function groupsOf(text: string, ipv4Allowed: boolean): number[] | null {
  if (text === "") return [];
  const groups = text.split(":");
  const bytes: number[] = [];
  for (const [index, group] of groups.entries()) {
    if (group.includes(".")) {
      const last = parseIpv4(group);
      if (!ipv4Allowed || index !== groups.length - 1 || last === null) return null;
      bytes.push(...last);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else return null;
  }
  return bytes;
}

function isMapped(bytes: readonly number[]): boolean {
  return bytes.every((byte, i) => {
    if (i < 10) return byte === 0;
    return i < 12 ? byte === 0xff : true;
  });
}

/** The one way to write an address: dotted decimal, or RFC 5952 §4. */
export function formatIp({ bytes }: IpAddress): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, i) => {
    const [high = 0, low = 0] = bytes.slice(2 * i, 2 * i + 2);
    return ((high << 8) | low).toString(16);
  });
  const zeros = longestZeros(groups);
  if (zeros.length < 2) return groups.join(":");
  const head = groups.slice(0, zeros.start).join(":");
  return `${head}::${groups.slice(zeros.start + zeros.length).join(":")}`;
}

/** The first of the longest runs of zero groups. */
function longestZeros(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0;
    while (groups[start + length] === "0") length += 1;
    if (length > best.length) best = { start, length };
  }
  return best;
}
