import { Heap } from "../../base/heap.js";
import type { Suspicion } from "./suspicion.js";

/** When a suspicion becomes a verdict. */
export interface Deadline {
  readonly name: string;
  readonly suspicion: Suspicion;
  readonly atMs: number;
}

/**
 * The suspicions of one member, and which of them becomes a verdict first. Asking for that costs
 * the same however many there are: it is asked after every message, and many messages come when
 * many members are suspected.
 */
export class Suspicions {
  private readonly byName = new Map<string, Suspicion>();
  /** Also deadlines that a suspicion had before, and of suspicions that are over. */
  private readonly deadlines = new Heap<Deadline>((a, b) => a.atMs < b.atMs);

  get(name: string): Suspicion | undefined {
    return this.byName.get(name);
  }

  set(name: string, suspicion: Suspicion): void {
    this.byName.set(name, suspicion);
    this.deadlines.push({ name, suspicion, atMs: suspicion.deadlineMs });
  }

  delete(name: string): void {
    this.byName.delete(name);
  }

  /** To be called after what may have brought a suspicion's deadline nearer. */
  hastened(name: string): void {
    const suspicion = this.byName.get(name);
    if (suspicion !== undefined) this.set(name, suspicion);
  }

  /** Puts all deadlines off. */
  postpone(byMs: number): void {
    for (const suspicion of this.byName.values()) suspicion.postpone(byMs);
  }

  /** The one that becomes a verdict first; null: there is none. */
  first(): Deadline | null {
    for (;;) {
      const top = this.deadlines.peek();
      if (top === undefined) return null;
      const { name, suspicion, atMs } = top;
      const isCurrent = this.byName.get(name) === suspicion;
      const nowAtMs = suspicion.deadlineMs;
      if (isCurrent && nowAtMs === atMs) return top;
      this.deadlines.pop();
      // An earlier one has an entry of its own.
      if (isCurrent && nowAtMs > atMs) this.deadlines.push({ name, suspicion, atMs: nowAtMs });
    }
  }
}
