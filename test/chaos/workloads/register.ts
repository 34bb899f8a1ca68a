import { isNotFound } from "../../../api/client/api-error.js";
import type { ApiClient } from "../../../api/client/client-types.js";
import { CONFIG_MAPS } from "../../../api/client/resource-types.js";
import type { ConfigMap } from "../../../api/schema/types/core-v1.gen.js";
import { textOf } from "../checkers/call-values.js";
import { checkRegister, type SearchLimits } from "../checkers/register-checker.js";
import type { Call } from "../history.js";
import { readFailure, writeFailure } from "./outcome.js";
import {
  type Completion,
  type Invocation,
  NAMESPACE,
  OPERATION_TIMEOUT_MS,
  type Phase,
  type Worker,
  type Workload,
} from "./workload.js";

/** Keys in use at a time: few, so that clients meet. */
const KEYS = 3;
/** A key is left for a new one after so many operations: the search grows with its open ones. */
const OPERATIONS_PER_KEY = 120;

/**
 * ConfigMaps as registers: read, unconditional write, compare-and-set on the resourceVersion that
 * the same client saw last.
 */
export class RegisterWorkload implements Workload {
  readonly name = "register";
  readonly ratePerSecond = 120;
  private readonly used: number[] = Array.from({ length: KEYS }, () => 0);
  private readonly keys: string[] = Array.from({ length: KEYS }, (_, i) => `register-${i}`);
  private keysMade = KEYS;
  private valuesMade = 0;
  /** Per worker and key, the version it saw last. */
  private readonly seen = new Map<string, string>();
  private readonly finalReads = new Map<number, string[]>();

  workers(servers: number): number {
    return 2 * Math.max(3, servers);
  }

  setUp(): Promise<void> {
    return Promise.resolve(); // A register begins with its creation, which is an operation too.
  }

  next(worker: Worker, phase: Phase): Invocation | null {
    if (phase === "final") return this.nextFinal(worker);
    const { random, index } = worker;
    const slot = random.below(KEYS);
    const key = this.keyOf(slot);
    const kind = random.below(100);
    const isNew = (this.used[slot] ?? 0) <= 2;
    if (isNew && kind < 50) return { f: "create", key, value: { value: this.newValue() } };
    if (kind < 45) return { f: "read", key, value: null };
    if (kind < 65) return { f: "write", key, value: { value: this.newValue() } };
    const expected = this.seen.get(`${index} ${key}`);
    if (expected === undefined) return { f: "read", key, value: null };
    return { f: "cas", key, value: { expected, value: this.newValue() } };
  }

  async invoke(worker: Worker, invocation: Invocation): Promise<Completion> {
    const completion = await invokeRegister(worker.client, invocation);
    const version = textOf(completion.value, "version");
    if (version !== "") this.seen.set(`${worker.index} ${invocation.key}`, version);
    return completion;
  }

  check(calls: readonly Call[], limits: SearchLimits): ReturnType<Workload["check"]> {
    return checkRegister(calls, limits);
  }

  /** Every worker reads what every register ended with. */
  private nextFinal({ index }: Worker): Invocation | null {
    const left = this.finalReads.get(index) ?? [...this.keys];
    this.finalReads.set(index, left);
    const key = left.pop();
    return key === undefined ? null : { f: "read", key, value: null };
  }

  private keyOf(slot: number): string {
    if ((this.used[slot] ?? 0) >= OPERATIONS_PER_KEY) {
      this.used[slot] = 0;
      this.keys[slot] = `register-${this.keysMade}`;
      this.keysMade += 1;
    }
    this.used[slot] = (this.used[slot] ?? 0) + 1;
    return this.keys[slot] ?? "";
  }

  private newValue(): string {
    this.valuesMade += 1;
    return `v${this.valuesMade}`;
  }
}

async function invokeRegister(client: ApiClient, invocation: Invocation): Promise<Completion> {
  const { f, key, value } = invocation;
  const maps = client.resource(CONFIG_MAPS);
  const call = { namespace: NAMESPACE, timeoutMs: OPERATION_TIMEOUT_MS };
  if (f === "read") {
    try {
      const map = await maps.get(key, call);
      const { resourceVersion } = map.metadata;
      return { type: "ok", value: { version: resourceVersion, value: map.data?.["value"] ?? "" } };
    } catch (error) {
      if (isNotFound(error)) return { type: "ok", value: { version: "", value: "" } };
      return readFailure(error);
    }
  }
  const object = registerObject(key, textOf(value, "value"), textOf(value, "expected"));
  try {
    const written = await (f === "create" ? maps.create(object, call) : maps.update(object, call));
    return { type: "ok", value: { version: written.metadata.resourceVersion ?? "" } };
  } catch (error) {
    return writeFailure(error);
  }
}

function registerObject(name: string, value: string, resourceVersion: string): ConfigMap {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name,
      namespace: NAMESPACE,
      ...(resourceVersion === "" ? {} : { resourceVersion }),
    },
    data: { value },
  } as unknown as ConfigMap;
}
