import { assert } from "../../base/assert.js";

/**
 * The ranges of a cluster's nodes: a cluster range cut into equal parts. Pure bookkeeping of which
 * part belongs to which node; made anew from the Node objects whenever a loop starts, so nothing
 * has to be stored.
 */
export class PodCidrPool {
  private readonly base: number;
  private readonly partSize: number;
  private readonly partPrefix: number;
  private readonly parts: number;
  /** Invariant: `owners` and `held` tell the same; a part has one owner, a node one part. */
  private readonly owners = new Map<number, string>();
  private readonly held = new Map<string, number>();
  /** Where the next search starts: a part that was just given back is not given out at once. */
  private cursor = 0;

  /** `clusterCidr` such as 10.244.0.0/16, cut into parts of /nodePrefix. */
  constructor(clusterCidr: string, nodePrefix: number) {
    const range = parseRange(clusterCidr);
    assert(range !== null, `cluster range ${clusterCidr}`);
    assert(nodePrefix >= range.prefix && nodePrefix <= 30, `node prefix ${nodePrefix}`);
    this.base = range.address;
    this.partPrefix = nodePrefix;
    this.partSize = 2 ** (32 - nodePrefix);
    this.parts = 2 ** (nodePrefix - range.prefix);
  }

  /** Parts that nobody has. */
  get free(): number {
    return this.parts - this.owners.size;
  }

  /**
   * Takes in what a Node object says. False when the range belongs to another node already, or is
   * none of ours: then the node keeps it, because podCIDR cannot be changed, but it is not counted
   * here.
   */
  occupy(node: string, podCidr: string): boolean {
    const part = this.partOf(podCidr);
    if (part === null) return false;
    const owner = this.owners.get(part);
    if (owner !== undefined) return owner === node;
    this.release(node);
    this.owners.set(part, node);
    this.held.set(node, part);
    return true;
  }

  /**
   * The range for a node: the one it has, or a free one that is its own from now on; null when
   * none is left.
   */
  allocate(node: string): string | null {
    const held = this.held.get(node);
    if (held !== undefined) return this.cidrOf(held);
    if (this.free === 0) return null;
    while (this.owners.has(this.cursor)) this.cursor = (this.cursor + 1) % this.parts;
    const part = this.cursor;
    this.cursor = (part + 1) % this.parts;
    this.owners.set(part, node);
    this.held.set(node, part);
    return this.cidrOf(part);
  }

  /** The node is gone. */
  release(node: string): void {
    const part = this.held.get(node);
    if (part === undefined) return;
    this.held.delete(node);
    this.owners.delete(part);
  }

  private partOf(podCidr: string): number | null {
    const range = parseRange(podCidr);
    if (range === null || range.prefix !== this.partPrefix) return null;
    const part = (range.address - this.base) / this.partSize;
    return Number.isInteger(part) && part >= 0 && part < this.parts ? part : null;
  }

  private cidrOf(part: number): string {
    const address = this.base + part * this.partSize;
    const bytes = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
    return `${bytes.join(".")}/${this.partPrefix}`;
  }
}

/** An IPv4 range whose address is its first one; null for anything else. */
export function parseRange(
  text: string,
): { readonly address: number; readonly prefix: number } | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return null;
  const numbers = match.slice(1).map(Number);
  const prefix = numbers.pop() ?? 33;
  if (prefix > 32 || numbers.some((byte) => byte > 255)) return null;
  const address = numbers.reduce((value, byte) => value * 256 + byte, 0);
  return address % 2 ** (32 - prefix) === 0 ? { address, prefix } : null;
}
