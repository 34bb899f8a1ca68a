/** An IPv4 block such as 10.96.0.0/16. */
export interface AddressRange {
  /** The first address as a number. */
  readonly base: number;
  /** How many addresses. */
  readonly size: number;
  readonly cidr: string;
}

/** Null for what is no IPv4 CIDR with its host bits clear. */
export function parseAddressRange(cidr: string): AddressRange | null {
  const match = /^([\d.]+)\/(\d{1,2})$/u.exec(cidr);
  const base = match === null ? null : parseAddress(match[1] ?? "");
  const bits = Number(match?.[2]);
  if (base === null || bits > 30) return null;
  const size = 2 ** (32 - bits);
  return base % size === 0 ? { base, size, cidr } : null;
}

/**
 * An IPv4 address as a number, or null. Leading zeros are refused: some readers take them for
 * octal.
 */
export function parseAddress(text: string): number | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  let address = 0;
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/u.test(part) || Number(part) > 255) return null;
    address = address * 256 + Number(part);
  }
  return address;
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** True for an address that a Service may have: neither the block's first nor its last. */
export function isAssignable(range: AddressRange, address: number): boolean {
  return address > range.base && address < range.base + range.size - 1;
}

/**
 * Where addresses are drawn from when nobody asks for one: the upper part of the block, so that the
 * lower part stays free for addresses that people choose (KEP-3070).
 */
export function drawnPart(range: AddressRange): { readonly first: number; readonly count: number } {
  const offset = Math.min(Math.max(16, Math.floor(range.size / 16)), 256);
  const first = range.base + (offset < range.size - 2 ? offset : 1);
  return { first, count: range.base + range.size - 1 - first };
}
