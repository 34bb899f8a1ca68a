import { assert } from "../../base/assert.js";

/**
 * Hands out the addresses of one IPv4 range, lowest free first; the network's own and the last are
 * kept back.
 */
export class AddressPool {
  private readonly first: number;
  private readonly last: number;
  private readonly used = new Set<number>();
  private next: number;

  /** `cidr` as the API server has validated it, such as 10.244.1.0/24. */
  constructor(cidr: string) {
    const [address = "", bits = "32"] = cidr.split("/");
    const parts = address.split(".").map(Number);
    assert(parts.length === 4 && parts.every(Number.isInteger), `pod CIDR ${cidr}`);
    const base = parts.reduce((sum, part) => sum * 256 + part, 0);
    this.first = base + 2;
    this.last = base + 2 ** (32 - Number(bits)) - 2;
    this.next = this.first;
  }

  /** Null when all are in use. */
  take(): string | null {
    for (let tried = this.first; tried <= this.last; tried += 1) {
      const candidate = this.next;
      this.next = candidate >= this.last ? this.first : candidate + 1;
      if (this.used.has(candidate)) continue;
      this.used.add(candidate);
      return [24, 16, 8, 0].map((shift) => Math.floor(candidate / 2 ** shift) % 256).join(".");
    }
    return null;
  }

  /** Gives an address back; harmless when it is free. */
  release(address: string): void {
    this.used.delete(address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0));
  }
}
