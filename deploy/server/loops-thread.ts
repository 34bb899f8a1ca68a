import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Logger } from "../../base/logger.js";
import type { LoopsConfig } from "./loops-config.js";
import type { LoopsAnswer, LoopsRequest } from "./loops-messages.js";

const RESTART_DELAY_MS = 1_000;

/** Runs the loops in a thread of their own and starts them again when they fail. */
export class LoopsWorker {
  private readonly logger: Logger;
  private worker: Worker | null = null;
  private stopping = false;
  private lastId = 0;

  constructor(logger: Logger) {
    this.logger = logger;
  }

  /** To be called once. */
  start(config: LoopsConfig): void {
    const worker = new Worker(join(import.meta.dirname, "loops-worker.js"), { workerData: config });
    this.worker = worker;
    worker.setMaxListeners(0); // One for each scrape under way.
    worker.on("error", (error) => this.logger.error("the loops failed", { error }));
    worker.on("exit", () => {
      this.worker = null;
      if (!this.stopping) setTimeout(() => this.start(config), RESTART_DELAY_MS);
    });
  }

  /** The metrics of the loops in Prometheus' text format; "" while they do not run. */
  async metrics(): Promise<string> {
    const { worker } = this;
    if (worker === null) return "";
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve) => {
      const finish = (text: string): void => {
        worker.off("message", take);
        worker.off("exit", gone);
        resolve(text);
      };
      const take = (answer: LoopsAnswer): void => {
        if (answer.id === id) finish(answer.text);
      };
      const gone = (): void => finish("");
      worker.on("message", take);
      worker.once("exit", gone);
      const request: LoopsRequest = { type: "metrics", id };
      worker.postMessage(request);
    });
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const { worker } = this;
    if (worker === null) return;
    const ended = new Promise((resolve) => worker.once("exit", resolve));
    const request: LoopsRequest = "stop";
    worker.postMessage(request);
    await ended;
  }
}
