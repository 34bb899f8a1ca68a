import { killNemesis, ROLLING_RESTART } from "./kill.js";
import type { Nemesis } from "./nemesis.js";
import { partitionNemesis, PAUSE_CUT_OFF } from "./partition.js";
import { pauseNemesis, STALL_API } from "./pause.js";
import { powerLossNemesis } from "./power-loss.js";

/** Every kind of fault there is, by its name on the command line. */
export const NEMESES: readonly Nemesis[] = [
  killNemesis("kill", "kill -9 of a server", ["consensus", "api"]),
  killNemesis("kill-consensus", "kill -9 of a consensus process alone", ["consensus"]),
  killNemesis("kill-api", "kill -9 of an api process alone", ["api"]),
  pauseNemesis("pause", "SIGSTOP of a server for 6 s, then SIGCONT", ["consensus", "api"]),
  pauseNemesis("pause-consensus", "the same, of a consensus process alone", ["consensus"]),
  STALL_API,
  ROLLING_RESTART,
  powerLossNemesis(),
  partitionNemesis("halves", "a minority and a majority no longer hear each other"),
  partitionNemesis("ring", "each server hears its neighbours alone"),
  partitionNemesis("one-way", "one server hears nobody, or is heard by nobody"),
  partitionNemesis("leader", "the leader is cut off from all others"),
  PAUSE_CUT_OFF,
];

/** Those that this cluster can suffer. */
export function nemesesFor(servers: number): readonly Nemesis[] {
  return NEMESES.filter(({ needsSeveral }) => servers > 1 || !needsSeveral);
}
