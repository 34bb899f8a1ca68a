import type { Random } from "../../../base/random.js";
import type { ChaosCluster } from "../chaos-cluster.js";

/** What a nemesis works with. */
export interface NemesisContext {
  readonly cluster: ChaosCluster;
  readonly random: Random;
  /** Once it aborts, a nemesis heals what it did and returns. */
  readonly signal: AbortSignal;
}

/** Whether an attack took hold, and how that was seen. */
export interface Bite {
  readonly targets: readonly string[];
  /** False: the fault was not there, or nobody could have noticed it. */
  readonly bit: boolean;
  readonly evidence: string;
}

/** One kind of fault. */
export interface Nemesis {
  readonly name: string;
  readonly about: string;
  /** What it needs of the cluster: several servers, each with a network of its own. */
  readonly needsSeveral: boolean;
  /** Whether it ends processes of its targets; no other process may end meanwhile. */
  readonly ends: boolean;
  /** Injects the fault, holds it for a while and heals it; the servers run again when it resolves. */
  attack(context: NemesisContext): Promise<Bite>;
}

/** One attack of a run. */
export interface Fault extends Bite {
  readonly nemesis: string;
  readonly startNs: number;
  readonly endNs: number;
}
