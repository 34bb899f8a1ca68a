import { setTimeout as delay } from "node:timers/promises";
import type { ApiClient } from "../../api/client/client-types.js";
import { SeededRandom } from "../../base/random.js";
import type { Recorder } from "./recorder.js";
import type { Completion, Invocation, Phase, Worker, Workload } from "./workloads/workload.js";

/** A worker's connection; it never goes to another server. */
export interface Seat {
  readonly client: ApiClient;
  readonly server: string;
}

/** One workload under way: where its clients connect and where its history goes. */
export interface Running {
  readonly workload: Workload;
  readonly recorder: Recorder;
  /** One for each worker. */
  readonly seats: readonly Seat[];
  readonly seed: number;
}

const FINAL_TRIES_MAX = 40;
const FINAL_PAUSE_MS = 250;

/** The workers of a running workload; they keep their process numbers from phase to phase. */
export class Workers {
  private readonly running: Running;
  private readonly workers: Worker[];

  constructor(running: Running) {
    this.running = running;
    this.workers = running.seats.map(({ client }, index) => ({
      index,
      process: index,
      client,
      random: new SeededRandom(running.seed * 1009 + index),
    }));
  }

  /** All of them work until the signal aborts, or there is nothing left to do in this phase. */
  async run(phase: Phase, until: AbortSignal): Promise<void> {
    await Promise.all(this.workers.map((_, index) => this.work(index, phase, until)));
  }

  private async work(index: number, phase: Phase, until: AbortSignal): Promise<void> {
    const { workload } = this.running;
    const pauseMs = (1000 * this.workers.length) / workload.ratePerSecond;
    while (!until.aborted) {
      const startMs = performance.now();
      const worker = this.workerAt(index);
      const invocation = workload.next(worker, phase);
      if (invocation === null) return;
      if (phase === "final") await this.doUntilDone(index, invocation, until);
      else await this.doOnce(index, invocation);
      const jitter = 0.5 + worker.random.below(1000) / 1000;
      const leftMs = phase === "final" ? 0 : pauseMs * jitter - (performance.now() - startMs);
      if (leftMs > 0) await delay(leftMs, undefined, { signal: until }).catch(() => {});
    }
  }

  /** Faults have ended: what fails now is asked again, since the verdict rests on it. */
  private async doUntilDone(
    index: number,
    invocation: Invocation,
    until: AbortSignal,
  ): Promise<void> {
    for (let tries = 0; tries < FINAL_TRIES_MAX && !until.aborted; tries += 1) {
      const { type } = await this.doOnce(index, invocation);
      // A write of unknown outcome may have happened: the workload decides what comes next.
      if (type !== "fail") return;
      await delay(FINAL_PAUSE_MS, undefined, { signal: until }).catch(() => {});
    }
  }

  private async doOnce(index: number, invocation: Invocation): Promise<Completion> {
    const { workload, recorder, seats } = this.running;
    const worker = this.workerAt(index);
    const { f, key } = invocation;
    const line = { process: worker.process, f, key };
    const server = seats[index]?.server ?? "";
    recorder.record({ ...line, type: "invoke", value: invocation.value, server });
    const { type, value, error } = await workload.invoke(worker, invocation);
    recorder.record({ ...line, type, value, ...(error === undefined ? {} : { error }) });
    // Nobody knows whether it goes on: whoever works here next is another process.
    if (type === "info")
      this.workers[index] = { ...worker, process: worker.process + this.workers.length };
    return { type, value };
  }

  private workerAt(index: number): Worker {
    const worker = this.workers[index];
    if (worker === undefined) throw new RangeError(`there is no worker ${index}`);
    return worker;
  }
}
