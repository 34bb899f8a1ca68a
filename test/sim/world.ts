import type { SeededRandom } from "../../base/random.js";
import type { EventQueue } from "./event-queue.js";
import type { Safety } from "./safety.js";
import type { Odds } from "./swarm.js";
import type { Totals } from "./totals.js";

/** What everything in one simulation shares. */
export interface World {
  readonly queue: EventQueue;
  readonly random: SeededRandom;
  readonly odds: Odds;
  readonly totals: Totals;
  readonly safety: Safety;
  /** The faults have stopped. */
  isCalm: boolean;
  /** A line of the story. */
  readonly note: (who: string, what: string) => void;
  /** A promise is broken: the run ends. */
  readonly fail: (why: string) => void;
}
