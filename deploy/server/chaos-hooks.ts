import { pbkdf2 } from "node:crypto";

/**
 * What a server started with --chaos-hooks makes of a SIGUSR2, in turns: its api process stands
 * still, has its thread pool taken, or runs out of memory. Consensus must not notice.
 */
export const CHAOS_HOOKS = ["spin", "thread-pool", "fill-heap"] as const;
export type ChaosHook = (typeof CHAOS_HOOKS)[number];

/** In the run folder of a server with chaos hooks: which bytes of its store are durable. */
export const FSYNC_RECORD = "fsync-record.jsonl";

/** While it is in the run folder of such a server, fsyncs take the milliseconds longer in it. */
export const SLOW_FSYNC = "slow-fsync";

const SPIN_MS = 5_000;
/** Twice as many as the pool of libuv has threads; each takes about a second of one. */
const POOL_JOBS = 8;
const FILL_LENGTH = 500_000;
const POOL_ROUNDS = 2_000_000;

/** Misbehaves at once, in this process. "fill-heap" ends it. */
export function runChaosHook(hook: ChaosHook): void {
  switch (hook) {
    case "spin": {
      const endMs = performance.now() + SPIN_MS;
      while (performance.now() < endMs);
      return;
    }
    case "thread-pool":
      for (let job = 0; job < POOL_JOBS; job += 1)
        pbkdf2("chaos", "salt", POOL_ROUNDS, 64, "sha512", () => {});
      return;
    case "fill-heap": {
      const kept: number[][] = [];
      const zeros = Array.from({ length: FILL_LENGTH }, () => 0);
      for (;;) kept.push([...zeros]);
    }
  }
}
