import type { Update } from "./types.js";

const STATE_BYTES = 56;

/** About how many bytes an update takes on the wire; for limits, never too few by much. */
export function sizeOf(update: Update): number {
  const more = update.type === "alive" ? update.address : "from" in update ? update.from : "";
  return STATE_BYTES + update.name.length + more.length;
}

/**
 * Updates that wait to be passed on with whatever is sent, each some times only, those first that
 * were told least (SWIM §4.1). One for each member: a newer one takes the place of an older one.
 */
export class Broadcasts {
  /** By the number of times they were told. */
  private readonly tiers: Map<string, Update>[] = [];
  private readonly tierOf = new Map<string, number>();
  private readonly countMax: number;

  constructor(countMax: number) {
    this.countMax = countMax;
  }

  get size(): number {
    return this.tierOf.size;
  }

  /** Passes an update on from now on, in the place of what is passed on of that member. */
  add(update: Update): void {
    this.drop(update.name);
    if (this.size >= this.countMax) this.dropMostTold();
    this.put(update, 0);
  }

  /** Nothing is passed on of that member any more. */
  drop(name: string): void {
    const tier = this.tierOf.get(name);
    if (tier === undefined) return;
    this.tiers[tier]?.delete(name);
    this.tierOf.delete(name);
  }

  /** Takes what fits into `bytesMax`; each is let go of once it was told `limit` times. */
  take({ bytesMax, limit }: { readonly bytesMax: number; readonly limit: number }): Update[] {
    const taken: Update[] = [];
    let leftBytes = bytesMax;
    const told: { readonly update: Update; readonly times: number }[] = [];
    for (const [tier, updates] of this.tiers.entries())
      for (const update of updates.values()) {
        leftBytes -= sizeOf(update);
        if (leftBytes < 0) return this.again(told, taken, limit);
        taken.push(update);
        told.push({ update, times: tier + 1 });
      }
    return this.again(told, taken, limit);
  }

  private again(
    told: readonly { readonly update: Update; readonly times: number }[],
    taken: Update[],
    limit: number,
  ): Update[] {
    for (const { update, times } of told) {
      this.drop(update.name);
      if (times < limit) this.put(update, times);
    }
    return taken;
  }

  private put(update: Update, tier: number): void {
    while (this.tiers.length <= tier) this.tiers.push(new Map());
    this.tiers[tier]?.set(update.name, update);
    this.tierOf.set(update.name, tier);
  }

  private dropMostTold(): void {
    for (let tier = this.tiers.length - 1; tier >= 0; tier -= 1) {
      const first = this.tiers[tier]?.keys().next();
      if (first === undefined || first.done === true) continue;
      this.drop(first.value);
      return;
    }
  }
}
