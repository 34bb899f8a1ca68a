import { isDeepStrictEqual } from "node:util";
import type { KubernetesObject } from "../../api/schema/wire-types.js";

/**
 * One write's way through the mutating plugins: they run once, and all of them once more when a
 * later one changed what an earlier one may want to see again (Kubernetes: "Reinvocation policy").
 * A plugin keeps what it has to remember between the two rounds in ReinvocationMemory.
 */
export class ReinvocationContext {
  private wanted = false;
  private second = false;

  /** True in the second round, after which there is none. */
  get isReinvocation(): boolean {
    return this.second;
  }

  /** Asks for the second round. */
  request(): void {
    this.wanted = true;
  }

  /** For the chain: true, once, when the plugins are to run again. */
  startAgain(): boolean {
    if (!this.wanted || this.second) return false;
    this.second = true;
    return true;
  }
}

/** What a plugin that asks others one after another remembers of each write. */
export class ReinvocationMemory {
  private readonly ofWrites = new WeakMap<ReinvocationContext, Rounds>();

  of(write: ReinvocationContext): Rounds {
    const known = this.ofWrites.get(write);
    if (known !== undefined) return known;
    const fresh = new Rounds(write);
    this.ofWrites.set(write, fresh);
    return fresh;
  }
}

/** The two rounds of one plugin at one write. Those that are asked are told apart by keys. */
export class Rounds {
  private readonly write: ReinvocationContext;
  /** Asked already, and to be asked again should others change the object. */
  private readonly asked = new Set<string>();
  private readonly again = new Set<string>();
  /** What the first round ended with. */
  private last: KubernetesObject | null = null;

  constructor(write: ReinvocationContext) {
    this.write = write;
  }

  begin(object: KubernetesObject): void {
    // Somebody else changed it after the last round: whoever wants to know of that comes again.
    if (this.write.isReinvocation && !isDeepStrictEqual(object, this.last)) this.allAgain();
  }

  /** Who was not asked in the first round, or need not know of changes, is asked only once. */
  isDue(key: string): boolean {
    return !this.write.isReinvocation || this.again.has(key);
  }

  /** It was asked; `changed`: and changed the object, which those before it may want to know. */
  done(key: string, { changed, wantsAgain }: { changed: boolean; wantsAgain: boolean }): void {
    if (changed) {
      this.allAgain();
      this.write.request();
    }
    if (wantsAgain) this.asked.add(key);
  }

  end(object: KubernetesObject): void {
    this.last = object;
  }

  private allAgain(): void {
    for (const key of this.asked) this.again.add(key);
    this.asked.clear();
  }
}
