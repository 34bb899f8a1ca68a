import { assert } from "../../base/assert.js";

/** An IPv4 range as numbers: the first address and how many bits are fixed. */
export interface Cidr {
  readonly base: number;
  readonly prefixLength: number;
}

/** Parses `10.96.0.0/16`; null when it is not an IPv4 range in that form. */
export function parseCidr(text: string): Cidr | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return null;
  const bytes = match.slice(1, 5).map(Number);
  const prefixLength = Number(match[5]);
  if (bytes.some((byte) => byte > 255) || prefixLength > 32) return null;
  const address = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const size = 2 ** (32 - prefixLength);
  return { base: Math.floor(address / size) * size, prefixLength };
}

/** True when some address lies in both ranges. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  const end = (range: Cidr): number => range.base + 2 ** (32 - range.prefixLength);
  return a.base < end(b) && b.base < end(a);
}

/**
 * The first address after the network's own: 10.96.0.1 of 10.96.0.0/16, which default/kubernetes
 * gets.
 */
export function firstAddressOf(cidr: string): string {
  const range = parseCidr(cidr);
  assert(range !== null, `not a CIDR: ${cidr}`);
  return formatAddress(range.base + 1);
}

/** Dotted quad of a number. */
export function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}
