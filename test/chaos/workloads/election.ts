import type { ApiClient, Fence } from "../../../api/client/client-types.js";
import { resourcePath } from "../../../api/client/request-path.js";
import { LEASES } from "../../../api/client/resource-types.js";
import type { Lease } from "../../../api/schema/types/coordination-v1.gen.js";
import { numberOf, textOf } from "../checkers/call-values.js";
import { checkElection } from "../checkers/election-checker.js";
import type { Call, Json } from "../history.js";
import { followWatch } from "./follow-watch.js";
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

/** As many loops, each with candidates of its own. */
const LOOPS = 6;
const CANDIDATES = 2 * LOOPS;
const LEASE_PREFIX = "chaos-loop-";
const LEASE_SECONDS = 2;
/** The objects that the holder writes; each write is one event of theirs. */
const TARGETS = 20;
const OBSERVE_MS = 2000;

/**
 * Candidates for loops' Leases that hold one and write with its fence, as elected loops do, except
 * that they never believe to have lost it: they go on with the last fence they were given, as a
 * loop does that was paused. The store has to refuse them. Observers see what it accepted: what is
 * written are Leases too, so that one watch tells takeovers and writes.
 */
export class ElectionWorkload implements Workload {
  readonly name = "election";
  readonly ratePerSecond = 240;
  private writes = 0;
  /** Per candidate, the last fence it was given. */
  private readonly fences = new Map<number, Fence>();
  /** Candidates whose last word from the server was that another holds the Lease. */
  private readonly refused = new Set<number>();
  private firstPosition = "";
  /** Per observer, where it has got; "" makes it look where now is. */
  private readonly positions = new Map<number, string>();
  private lastWritten = 0;
  /** Whether the last holding was taken after the faults: all observers have to get to it. */
  private isMarked = false;
  private isEnding = false;

  workers(servers: number): number {
    return CANDIDATES + servers;
  }

  async setUp(client: ApiClient): Promise<void> {
    const leases = client.resource(LEASES);
    for (let i = 0; i < TARGETS; i += 1)
      await leases.create({
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { name: targetName(i), namespace: NAMESPACE },
        spec: {},
      });
    this.firstPosition = (await leases.list({ namespace: NAMESPACE })).metadata.resourceVersion;
  }

  next(worker: Worker, phase: Phase): Invocation | null {
    this.isEnding = phase === "final";
    if (worker.index >= CANDIDATES) return this.nextObserve(worker);
    if (this.isEnding && (worker.index > 0 || this.isMarked)) return null;
    // One who holds nothing yet: a renewal would be no entry of the log.
    const holder = this.isEnding ? "marker" : `candidate-${worker.index + 1}`;
    const lease = `${LEASE_PREFIX}${worker.index % LOOPS}`;
    const fence = this.fences.get(worker.index);
    const isRefused = this.refused.has(worker.index);
    const kind = worker.random.below(100);
    if (this.isEnding || fence === undefined || kind < (isRefused ? 30 : 8))
      return { f: "acquire", key: lease, value: { holder } };
    if (kind >= 98) return { f: "release", key: lease, value: { holder } };
    this.writes += 1;
    const claim = { holder, transitions: fence.leaseTransitions };
    return { f: "write", key: lease, value: { id: `write-${this.writes}`, ...claim } };
  }

  async invoke(worker: Worker, invocation: Invocation): Promise<Completion> {
    const completion = await this.carryOut(worker, invocation);
    if (completion.type === "ok") this.refused.delete(worker.index);
    if (completion.type === "fail") this.refused.add(worker.index);
    return completion;
  }

  check(calls: readonly Call[]): ReturnType<Workload["check"]> {
    return checkElection(calls);
  }

  private carryOut(worker: Worker, invocation: Invocation): Promise<Completion> {
    switch (invocation.f) {
      case "acquire":
        return this.acquire(worker, invocation);
      case "release":
        return release(worker.client, invocation);
      case "observe":
        return this.observe(worker, invocation);
      default:
        return this.write(worker, invocation);
    }
  }

  private nextObserve({ index }: Worker): Invocation | null {
    const from = this.positions.get(index) ?? this.firstPosition;
    if (this.isMarked && Number(from) >= this.lastWritten) return null;
    return { f: "observe", key: "", value: { from } };
  }

  private async acquire(worker: Worker, { key, value }: Invocation): Promise<Completion> {
    const holderIdentity = textOf(value, "holder");
    try {
      const lease = (await worker.client.request("PUT", holdPath(key), {
        body: { holderIdentity, leaseDurationSeconds: LEASE_SECONDS },
        timeoutMs: OPERATION_TIMEOUT_MS,
      })) as unknown as Lease;
      const { uid, resourceVersion } = lease.metadata;
      const leaseTransitions = lease.spec.leaseTransitions ?? 0;
      this.fences.set(worker.index, { namespace: NAMESPACE, name: key, uid, leaseTransitions });
      this.lastWritten = Math.max(this.lastWritten, Number(resourceVersion));
      this.isMarked = this.isEnding;
      return { type: "ok", value: { version: resourceVersion, transitions: leaseTransitions } };
    } catch (error) {
      return writeFailure(error);
    }
  }

  /** With the fence it was given last, however long ago. */
  private async write(worker: Worker, { key, value }: Invocation): Promise<Completion> {
    const fence = this.fences.get(worker.index) ?? null;
    const leases = worker.client.fencedBy(() => fence).resource(LEASES);
    const patch = {
      metadata: { annotations: { id: textOf(value, "id"), lease: key } },
      spec: {
        holderIdentity: textOf(value, "holder"),
        leaseTransitions: numberOf(value, "transitions"),
      },
    };
    try {
      const written = await leases.patch(targetName(worker.random.below(TARGETS)), patch, {
        namespace: NAMESPACE,
        type: "merge",
        timeoutMs: OPERATION_TIMEOUT_MS,
      });
      const { resourceVersion } = written.metadata;
      this.lastWritten = Math.max(this.lastWritten, Number(resourceVersion));
      return { type: "ok", value: { version: resourceVersion } };
    } catch (error) {
      return writeFailure(error);
    }
  }

  private async observe({ client, index }: Worker, { value }: Invocation): Promise<Completion> {
    const leases = client.resource(LEASES);
    const from = textOf(value, "from");
    const where = { namespace: NAMESPACE, from };
    const { events, ended, isExpired } = await followWatch(leases, where, OBSERVE_MS);
    if (isExpired && events.length === 0) return this.lookAgain(client, index);
    let to = Number(from);
    const told: Json[] = [];
    for (const event of events) {
      to = Number(
        event.type === "BOOKMARK" ? event.resourceVersion : event.object.metadata.resourceVersion,
      );
      if (event.type !== "BOOKMARK") told.push(observed(event.object));
    }
    this.positions.set(index, String(to));
    return {
      type: "ok",
      value: { from: Number(from), to, events: told },
      ...ended,
    };
  }

  /** History has been compacted beyond our position: what lies between was not observed. */
  private async lookAgain(client: ApiClient, index: number): Promise<Completion> {
    try {
      const list = await client.resource(LEASES).list({ namespace: NAMESPACE });
      this.positions.set(index, list.metadata.resourceVersion);
      return { type: "fail", value: { reason: "Expired" } };
    } catch (error) {
      return readFailure(error);
    }
  }
}

async function release(client: ApiClient, { key, value }: Invocation): Promise<Completion> {
  try {
    await client.request("DELETE", holdPath(key), {
      body: { holderIdentity: textOf(value, "holder") },
      timeoutMs: OPERATION_TIMEOUT_MS,
    });
    return { type: "ok", value: null };
  } catch (error) {
    return writeFailure(error);
  }
}

function observed({ metadata, spec }: Lease): Json {
  const { name, resourceVersion, annotations } = metadata;
  const holder = spec.holderIdentity ?? "";
  const told = { holder, transitions: spec.leaseTransitions ?? 0, version: resourceVersion };
  if (name.startsWith(LEASE_PREFIX)) return { type: "taken", lease: name, ...told };
  const [id, lease] = [annotations?.["id"] ?? "", annotations?.["lease"] ?? ""];
  return { type: "write", lease, id, ...told };
}

function holdPath(lease: string): string {
  return resourcePath(LEASES, { namespace: NAMESPACE, name: lease, subresource: "hold" });
}

function targetName(index: number): string {
  return `chaos-target-${index}`;
}
