import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Operation } from "./history.js";

/** Nanoseconds since the run began. */
export type RunClock = () => number;

/** A clock that starts now and never goes back. */
export function startRunClock(): RunClock {
  const startNs = process.hrtime.bigint();
  return () => Number(process.hrtime.bigint() - startNs);
}

/** Takes down one workload's history, in memory and in its file, line by line as it happens. */
export class Recorder {
  readonly history: Operation[] = [];
  /** How many operations ended as ok. */
  okCount = 0;
  private readonly now: RunClock;
  private readonly fd: number;

  constructor(file: string, now: RunClock) {
    this.now = now;
    mkdirSync(dirname(file), { recursive: true });
    this.fd = openSync(file, "w");
  }

  record(operation: Omit<Operation, "time">): void {
    const stamped = { ...operation, time: this.now() };
    this.history.push(stamped);
    if (operation.type === "ok") this.okCount += 1;
    writeSync(this.fd, `${JSON.stringify(stamped)}\n`);
  }

  close(): void {
    closeSync(this.fd);
  }
}
