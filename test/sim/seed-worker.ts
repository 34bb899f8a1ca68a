import { parentPort } from "node:worker_threads";
import { present } from "../../base/assert.js";
import { simulate, type SimulationOptions } from "./simulation.js";

/** What a worker is asked for; it answers with a SimulationResult. */
export interface SeedRequest extends SimulationOptions {
  readonly seed: number;
}

const port = present(parentPort, "seeds run in a worker");
port.on("message", ({ seed, ...options }: SeedRequest) => {
  void simulate(seed, options).then((result) => port.postMessage(result));
});
