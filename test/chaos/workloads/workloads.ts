import { AppendWorkload } from "./append.js";
import { ElectionWorkload } from "./election.js";
import { RegisterWorkload } from "./register.js";
import { WatchWorkload } from "./watch.js";
import type { Workload } from "./workload.js";

const MAKERS: Readonly<Record<string, () => Workload>> = {
  register: () => new RegisterWorkload(),
  append: () => new AppendWorkload(),
  watch: () => new WatchWorkload(),
  election: () => new ElectionWorkload(),
};

/** Every workload there is, by its name on the command line. */
export const WORKLOADS: readonly string[] = Object.keys(MAKERS);

/** A new workload of that name; throws RangeError for an unknown one. */
export function makeWorkload(name: string): Workload {
  const make = MAKERS[name];
  if (make === undefined) throw new RangeError(`there is no workload ${name}`);
  return make();
}
