import type { Random } from "../../base/random.js";

/**
 * In which order neighbours are probed: round-robin over a shuffled list, shuffled anew after each
 * round; who is new is put in at a random place (SWIM §4.3). So each is probed within two rounds.
 */
export class ProbeList {
  private order: string[] = [];
  private at = 0;
  private source: readonly string[] = [];

  /** Whom to probe next among these; null: there is nobody. */
  next(neighbours: readonly string[], random: Random): string | null {
    if (neighbours !== this.source) this.follow(neighbours, random);
    if (this.at >= this.order.length) this.shuffle(random);
    const next = this.order[this.at] ?? null;
    this.at += 1;
    return next;
  }

  /** Keeps the order of those that stay. */
  private follow(neighbours: readonly string[], random: Random): void {
    const wanted = new Set(neighbours);
    const probed = this.order.slice(0, this.at).filter((name) => wanted.has(name));
    const waiting = this.order.slice(this.at).filter((name) => wanted.has(name));
    for (const name of [...probed, ...waiting]) wanted.delete(name);
    for (const name of wanted) waiting.splice(random.below(waiting.length + 1), 0, name);
    this.order = [...probed, ...waiting];
    this.at = probed.length;
    this.source = neighbours;
  }

  private shuffle(random: Random): void {
    const { order } = this;
    for (let i = order.length - 1; i > 0; i -= 1) {
      const j = random.below(i + 1);
      const item = order[i] as string;
      order[i] = order[j] as string;
      order[j] = item;
    }
    this.at = 0;
  }
}
