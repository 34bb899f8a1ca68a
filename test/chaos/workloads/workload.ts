import type { ApiClient } from "../../../api/client/client-types.js";
import type { Random } from "../../../base/random.js";
import type { CheckResult } from "../checkers/check-result.js";
import type { SearchLimits } from "../checkers/register-checker.js";
import type { Call, Json } from "../history.js";

/** What a worker does next. */
export interface Invocation {
  readonly f: string;
  readonly key: string;
  readonly value: Json;
}

/** How an operation ended. Reads never end as info: they have no effect. */
export interface Completion {
  readonly type: "ok" | "fail" | "info";
  readonly value: Json;
  readonly error?: string;
}

/** One of a workload's clients: does one operation after the other, against one server. */
export interface Worker {
  /** 0 … workers-1; stays the same when the process number changes after an info. */
  readonly index: number;
  readonly process: number;
  readonly client: ApiClient;
  readonly random: Random;
}

/**
 * mix: faults are injected. final: they have ended, and what is left to be seen is looked at.
 */
export type Phase = "mix" | "final";

/** Generator, client and checker of one promise. A new one is made for each run. */
export interface Workload {
  readonly name: string;
  /** How many clients work at once on `servers` servers. */
  workers(servers: number): number;
  /** Operations a second of all clients together, while nothing is in their way. */
  readonly ratePerSecond: number;
  /** Makes what the operations work on; faults have not begun. */
  setUp(client: ApiClient, plan: { readonly operations: number }): Promise<void>;
  /** The generator: the next operation; null: in this phase there is nothing left for this worker. */
  next(worker: Worker, phase: Phase): Invocation | null;
  /** The client: carries it out. Never rejects for what the server or the network does. */
  invoke(worker: Worker, invocation: Invocation): Promise<Completion>;
  /** The checker. */
  check(calls: readonly Call[], limits: SearchLimits): CheckResult;
}

export const NAMESPACE = "chaos";
/** So long an operation is waited for; then nobody knows. */
export const OPERATION_TIMEOUT_MS = 2500;
