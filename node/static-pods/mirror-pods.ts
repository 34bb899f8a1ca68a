import { isAlreadyExists, isConflict, isNotFound } from "../../api/client/api-error.js";
import type { ApiClient, ResourceClient } from "../../api/client/client-types.js";
import { PODS } from "../../api/client/resource-types.js";
import { jitteredBackoffMs } from "../../api/client/waiting.js";
import type { Node, Pod } from "../../api/schema/types/core-v1.gen.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import type { Random } from "../../base/random.js";
import { podKey } from "../plan/pod-runtime.js";
import { mirroredUid, mirrorOf, planMirror } from "../plan/static-pods.js";

interface MirrorPodsDeps {
  /** This node; its uid is empty until it is registered. */
  readonly node: () => Node;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

interface Entry {
  /** What is to be shown; null: nothing. */
  wanted: Pod | null;
  /** What the API has; null: nothing. */
  present: Pod | null;
  again: boolean;
  busy: boolean;
  failures: number;
  cancelRetry: () => void;
  /** By the monotonic clock: no new mirror before that. */
  createAtMs: number;
}

const RETRY = { firstMs: 500, maxMs: 20_000 };
/** What was asked for shows in the watch before that, or did not happen. */
const RECHECK_MS = 5000;
/**
 * How long the API goes without a mirror that somebody deleted. kubectl delete (1.33 and later)
 * looks 100 ms after its list whether the name is still there, and waits for ever for one that went
 * before the list and is back by then.
 */
const ABSENCE_MS = 1000;

/** Keeps the API's likenesses of static pods: makes them, and takes away those that are wrong. */
export class MirrorPods {
  private readonly pods: ResourceClient<Pod>;
  private readonly deps: MirrorPodsDeps;
  private readonly entries = new Map<string, Entry>();
  /** What is wanted and what is there are both known: until then nothing is made or deleted. */
  private begun = false;
  private synced = false;

  constructor(client: ApiClient, deps: MirrorPodsDeps) {
    this.pods = client.resource(PODS);
    this.deps = deps;
    deps.signal.addEventListener(
      "abort",
      () => {
        for (const { cancelRetry } of this.entries.values()) cancelRetry();
      },
      { once: true },
    );
  }

  /** The static pods have all been named. */
  begin(): void {
    if (this.begun) return;
    this.begun = true;
    for (const key of this.entries.keys()) this.sync(key);
  }

  /** The mirrors that are there have all been named, and the node is registered. */
  haveSynced(): void {
    this.synced = true;
    for (const key of this.entries.keys()) this.sync(key);
  }

  /** The static pod of this namespace and name; null: there is none. */
  want(key: string, pod: Pod | null): void {
    const entry = this.entryOf(key);
    if (entry.wanted?.metadata.uid === pod?.metadata.uid) return;
    entry.wanted = pod;
    this.sync(key);
  }

  /** The mirror as the API has it. */
  observe(mirror: Pod): void {
    const key = podKey(mirror);
    this.entryOf(key).present = mirror;
    this.sync(key);
  }

  /** The API has it no more. */
  observeGone(mirror: Pod): void {
    const key = podKey(mirror);
    const entry = this.entryOf(key);
    if (entry.present?.metadata.uid === mirror.metadata.uid) entry.present = null;
    if (mirroredUid(mirror) === entry.wanted?.metadata.uid)
      entry.createAtMs = this.deps.clock.monotonicMs() + ABSENCE_MS;
    this.sync(key);
  }

  private entryOf(key: string): Entry {
    const known = this.entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry = {
      wanted: null,
      present: null,
      again: false,
      busy: false,
      failures: 0,
      cancelRetry: () => {},
      createAtMs: 0,
    };
    this.entries.set(key, entry);
    return entry;
  }

  private sync(key: string): void {
    const entry = this.entries.get(key);
    if (entry === undefined || !this.begun || !this.synced || this.deps.signal.aborted) return;
    entry.again = true;
    if (entry.busy) return;
    entry.busy = true;
    this.work(key, entry).catch((error: unknown) => {
      this.deps.logger.error("mirror pod given up", { pod: key, error });
    });
  }

  private async work(key: string, entry: Entry): Promise<void> {
    while (entry.again) {
      entry.again = false;
      entry.cancelRetry();
      try {
        const lookInMs = await this.step(entry);
        entry.failures = 0;
        if (lookInMs !== null) this.retry(key, entry, lookInMs);
      } catch (error) {
        if (this.deps.signal.aborted) break;
        this.deps.logger.warn("mirror pod not right yet", { pod: key, error });
        this.retry(key, entry, jitteredBackoffMs(entry.failures, RETRY, this.deps.random));
        entry.failures += 1;
      }
    }
    entry.busy = false;
    if (entry.wanted === null && entry.present === null && !entry.again) this.entries.delete(key);
  }

  private retry(key: string, entry: Entry, delayMs: number): void {
    entry.cancelRetry();
    entry.cancelRetry = this.deps.clock.schedule(delayMs, () => this.sync(key));
  }

  /** In how many milliseconds it is to be looked at again; null: it is right. */
  private async step({ wanted, present, createAtMs }: Entry): Promise<number | null> {
    const step = planMirror(wanted, present);
    if (step === "none") return null;
    if (step === "create") {
      const earlyMs = createAtMs - this.deps.clock.monotonicMs();
      if (earlyMs > 0) return earlyMs;
      if (wanted !== null) await this.create(wanted);
    }
    if (step === "delete" && present !== null) await this.remove(present);
    return RECHECK_MS;
  }

  private async create(wanted: Pod): Promise<void> {
    const { node, signal } = this.deps;
    try {
      await this.pods.create(mirrorOf(wanted, node()), { signal });
    } catch (error) {
      // Made already, and the watch is behind; or somebody else's pod, which the next look finds.
      if (!isAlreadyExists(error)) throw error;
    }
  }

  private async remove({ metadata }: Pod): Promise<void> {
    const { name, namespace = "", uid } = metadata;
    const { signal } = this.deps;
    try {
      await this.pods.delete(name, { namespace, uid, gracePeriodSeconds: 0, signal });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}
