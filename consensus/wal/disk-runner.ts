import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { assert } from "../../base/assert.js";
import type { AppendDisk, DiskRequest } from "./append-disk.js";
import { ownsMemory } from "../bytes.js";
import type { DiskThreadAnswer, DiskThreadData } from "./disk-thread.js";

/**
 * Carries out requests one at a time, in order. Rejects with what the system threw, and then for
 * ever.
 */
export interface DiskRunner {
  run(request: DiskRequest): Promise<void>;
  close(): Promise<void>;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Carries out requests on the spot: for tools and simulation. */
export function inlineRunner(disk: AppendDisk): DiskRunner {
  return {
    run: async (request) => disk.run(request),
    close: async () => disk.close(),
  };
}

/**
 * The memory that a request hands over instead of copying it: the bytes, unless they are a part of
 * memory that others use too.
 */
function handedOver(request: DiskRequest): ArrayBuffer[] {
  if (request.type !== "append" && request.type !== "create") return [];
  const { buffer } = request.bytes;
  return buffer instanceof ArrayBuffer && ownsMemory(request.bytes) ? [buffer] : [];
}

/** Carries out requests in a thread that does nothing else; bytes are handed over to it. */
export function threadRunner(data: DiskThreadData): DiskRunner {
  const worker = new Worker(new URL("./disk-thread.js", import.meta.url), {
    workerData: data,
    // Flags meant for the main script need not suit this one.
    execArgv: [],
  });
  let waiting: Waiter | null = null;
  const settle = (error: Error | null): void => {
    const waiter = waiting;
    waiting = null;
    if (error === null) waiter?.resolve();
    else waiter?.reject(error);
  };
  worker.on("message", (answer: DiskThreadAnswer) => {
    settle(
      answer === null ? null : Object.assign(new Error(answer.message), { code: answer.code }),
    );
  });
  worker.on("error", settle);
  const exited = once(worker, "exit").then(() => settle(new Error("the log's thread has ended")));
  return {
    run: (request) => {
      assert(waiting === null, "one request at a time");
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        worker.postMessage(request, handedOver(request));
      });
    },
    close: async () => {
      worker.postMessage(null);
      await exited;
    },
  };
}
