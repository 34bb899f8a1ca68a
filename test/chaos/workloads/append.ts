import { isNotFound } from "../../../api/client/api-error.js";
import type { ApiClient } from "../../../api/client/client-types.js";
import type { PodTemplate } from "../../../api/schema/types/core-v1.gen.js";
import { messageOf } from "../../../base/errors.js";
import { checkAppend } from "../checkers/append-checker.js";
import { textOf } from "../checkers/call-values.js";
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

const KEYS = 3;
/** A list is left for a new one after so many operations: what is read grows with it. */
const OPERATIONS_PER_KEY = 150;
const SPARE_KEYS = 10;
/** What every list begins with, since a JSON patch appends only to a list that is there. */
const FIRST = "begin";
const PATH = `/api/v1/namespaces/${NAMESPACE}/podtemplates`;

/**
 * The arguments of a PodTemplate's container as a list: no loop acts on them and no rule forbids
 * two that are the same. A JSON patch appends, so that the server reads, changes and writes: its
 * own retries are tested too.
 */
export class AppendWorkload implements Workload {
  readonly name = "append";
  readonly ratePerSecond = 90;
  private operations = 0;
  private elements = 0;
  private keysMade = 0;
  private readonly finalReads = new Map<number, string[]>();

  workers(servers: number): number {
    return Math.max(3, servers) + 1;
  }

  async setUp(client: ApiClient, plan: { readonly operations: number }): Promise<void> {
    this.keysMade = KEYS + Math.ceil(plan.operations / OPERATIONS_PER_KEY) + SPARE_KEYS;
    for (let key = 0; key < this.keysMade; key += 1)
      await client.request("POST", PATH, { body: listObject(keyName(key)) });
  }

  next(worker: Worker, phase: Phase): Invocation | null {
    if (phase === "final") return this.nextFinal(worker);
    const generation = Math.floor(this.operations / (KEYS * OPERATIONS_PER_KEY));
    const number = KEYS * generation + worker.random.below(KEYS);
    const key = keyName(Math.min(number, this.keysMade - 1));
    this.operations += 1;
    if (worker.random.below(100) < 40) return { f: "read", key, value: null };
    this.elements += 1;
    return { f: "append", key, value: { element: `e${this.elements}` } };
  }

  invoke({ client }: Worker, invocation: Invocation): Promise<Completion> {
    return invocation.f === "read" ? readList(client, invocation) : append(client, invocation);
  }

  check(calls: readonly Call[]): ReturnType<Workload["check"]> {
    return checkAppend(calls);
  }

  /** Every worker reads every list that was appended to. */
  private nextFinal({ index }: Worker): Invocation | null {
    const generations = 1 + Math.floor(this.operations / (KEYS * OPERATIONS_PER_KEY));
    const count = Math.min(KEYS * generations, this.keysMade);
    const left = this.finalReads.get(index) ?? Array.from({ length: count }, (_, i) => keyName(i));
    this.finalReads.set(index, left);
    const key = left.pop();
    return key === undefined ? null : { f: "read", key, value: null };
  }
}

async function readList(client: ApiClient, { key }: Invocation): Promise<Completion> {
  try {
    const answer = await client.request("GET", `${PATH}/${key}`, {
      timeoutMs: OPERATION_TIMEOUT_MS,
    });
    const items = (answer as unknown as PodTemplate).template?.spec?.containers[0]?.args ?? [];
    return { type: "ok", value: { items: items.slice(1) } };
  } catch (error) {
    // Every list was there before the faults began: one that is gone has lost all that was in it.
    if (isNotFound(error)) return { type: "ok", value: { items: [] }, error: messageOf(error) };
    return readFailure(error);
  }
}

async function append(client: ApiClient, { key, value }: Invocation): Promise<Completion> {
  const path = "/template/spec/containers/0/args/-";
  try {
    await client.request("PATCH", `${PATH}/${key}`, {
      body: [{ op: "add", path, value: textOf(value, "element") }],
      contentType: "application/json-patch+json",
      timeoutMs: OPERATION_TIMEOUT_MS,
    });
    return { type: "ok", value };
  } catch (error) {
    return writeFailure(error);
  }
}

function keyName(number: number): string {
  return `list-${number}`;
}

function listObject(name: string) {
  const containers = [{ name: "list", image: "list", args: [FIRST] }];
  return {
    apiVersion: "v1",
    kind: "PodTemplate",
    metadata: { name, namespace: NAMESPACE },
    template: { metadata: { labels: { chaos: "append" } }, spec: { containers } },
  };
}
