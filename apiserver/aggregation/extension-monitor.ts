import { WorkQueue } from "../../api/client/workqueue.js";
import { formatTime } from "../../api/machinery/time.js";
import { apiVersionOf } from "../../api/schema/kinds.js";
import type { APIService } from "../../api/schema/types/apiregistration-v1.gen.js";
import type { Endpoints, Service } from "../../api/schema/types/core-v1.gen.js";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import type { InternalClient } from "../bootstrap/internal-client.js";
import { check } from "../bootstrap/owned-objects.js";
import type { ObjectReader } from "../server/http-types.js";
import { DEFINITIONS } from "../extension/custom-kinds.js";
import { followResource } from "../storage/follow-resource.js";
import type { WatchCache } from "../storage/watch-cache.js";
import type { AggregatedService, AggregatedServices } from "./aggregated-services.js";
import {
  type Availability,
  PASSED,
  failedCheck,
  localAvailability,
  obstacleOf,
  planConditions,
} from "./availability-plan.js";
import { type ExtensionAnswer, askExtension } from "./extension-discovery.js";
import type { ExtensionServers } from "./extension-servers.js";

export interface ExtensionMonitorDeps {
  readonly services: AggregatedServices;
  readonly servers: ExtensionServers;
  readonly cache: WatchCache;
  readonly reader: ObjectReader;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How the monitor writes what it found. */
export interface ConditionWriter {
  readonly client: InternalClient;
  /** One server of the group writes; the others would only agree with it, or argue. */
  readonly leads: () => Promise<boolean>;
}

/** What is known of a version of others. */
export interface RemoteVersion {
  readonly service: AggregatedService;
  /** Stale: what it said before, or nothing, because its server does not answer now. */
  readonly freshness: "Current" | "Stale";
  readonly answer: ExtensionAnswer;
}

const NOTHING: ExtensionAnswer = { resources: [], openApiUrl: null };
const PATH = "/apis/apiregistration.k8s.io/v1/apiservices";
/** How often a server is asked again what it serves, though nothing about it has changed. */
const PERIOD_MS = 30_000;
const RETRIES = { firstMs: 500, maxMs: PERIOD_MS };
const WORKERS = 4;

/** Asks extension API servers what they serve, and says in their APIServices whether they answer. */
export class ExtensionMonitor {
  private readonly deps: ExtensionMonitorDeps;
  private readonly queue: WorkQueue<string>;
  private readonly known = new Map<string, Omit<RemoteVersion, "service">>();
  private changes = 0;

  constructor(deps: ExtensionMonitorDeps) {
    this.deps = deps;
    this.queue = new WorkQueue(deps.clock, { backoff: RETRIES });
    deps.services.onChange((name) => this.queue.add(name));
    for (const resource of ["services", "endpoints"] as const)
      followResource(deps.cache.of({ group: "", resource }), {
        onChange: (current, previous) => this.enqueue(current ?? previous),
      });
    // A custom kind may have taken a version over, or left it.
    followResource(deps.cache.of(DEFINITIONS), {
      onChange: () => {
        for (const { name } of deps.services.declared()) this.queue.add(name);
      },
    });
  }

  /** Grows whenever `versions` may say something else. */
  get version(): number {
    return this.changes + this.deps.services.version;
  }

  /** Every version of others, whether its server was reached yet or not. */
  versions(): readonly RemoteVersion[] {
    return this.deps.services.all().map((service) => {
      const known = this.known.get(service.name);
      return { service, freshness: known?.freshness ?? "Stale", answer: known?.answer ?? NOTHING };
    });
  }

  /** Asks at every change and every half minute until `signal` aborts. */
  async run(writer: ConditionWriter, signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => this.queue.shutDown(), { once: true });
    if (signal.aborted) this.queue.shutDown();
    await Promise.all(Array.from({ length: WORKERS }, () => this.work(writer, signal)));
  }

  private async work(writer: ConditionWriter, signal: AbortSignal): Promise<void> {
    for (let name = await this.queue.get(); name !== null; name = await this.queue.get()) {
      try {
        const well = signal.aborted || (await this.look(name, writer, signal));
        if (well) this.queue.forget(name);
        else this.queue.addRateLimited(name);
      } catch (error) {
        // Without a quorum nothing can be written; with one it is tried again.
        this.deps.logger.debug("an APIService could not be checked", { name, error });
        this.queue.addRateLimited(name);
      } finally {
        this.queue.done(name);
      }
    }
  }

  /** False: its server is to be asked again soon. */
  private async look(name: string, writer: ConditionWriter, signal: AbortSignal): Promise<boolean> {
    const { services } = this.deps;
    const stored = services.stored(name);
    const { group = "", version = "" } = stored?.spec ?? {};
    const target = stored === null ? null : services.find(group, version);
    if (target === null) this.note(name, null);
    if (stored === null) return true;
    const found = target === null ? localAvailability(stored) : await this.ask(target, signal);
    if (signal.aborted) return true;
    await this.report(stored, found, { writer, signal });
    if (target !== null) this.queue.addAfter(name, PERIOD_MS);
    return found.reason !== "FailedDiscoveryCheck";
  }

  private async ask(target: AggregatedService, signal: AbortSignal): Promise<Availability> {
    const obstacle = obstacleOf(target, await this.behind(target));
    if (obstacle !== null) {
      this.note(target.name, "Stale");
      return obstacle;
    }
    try {
      this.note(target.name, await askExtension(target, this.deps, signal));
      return PASSED;
    } catch (error) {
      this.note(target.name, "Stale");
      return failedCheck(messageOf(error));
    }
  }

  private async behind({ service }: AggregatedService): Promise<Parameters<typeof obstacleOf>[1]> {
    const read = (resource: string): Promise<unknown> =>
      this.deps.reader.get({ group: "", resource }, service);
    return {
      service: (await read("services")) as Service | null,
      endpoints: (await read("endpoints")) as Endpoints | null,
    };
  }

  /** Takes down what a server said; "Stale": it did not answer; null: it is none any more. */
  private note(name: string, said: ExtensionAnswer | "Stale" | null): void {
    const before = this.known.get(name);
    const answer = said === "Stale" ? (before?.answer ?? NOTHING) : said;
    const freshness = said === "Stale" ? "Stale" : "Current";
    const now = answer === null ? undefined : ({ freshness, answer } as const);
    if (JSON.stringify(now) === JSON.stringify(before)) return;
    if (now === undefined) this.known.delete(name);
    else this.known.set(name, now);
    this.changes += 1;
  }

  private async report(
    stored: APIService,
    found: Availability,
    { writer, signal }: { readonly writer: ConditionWriter; readonly signal: AbortSignal },
  ): Promise<void> {
    const now = formatTime(this.deps.clock.nowMs());
    if (planConditions(stored, found, now) === null || !(await writer.leads())) return;
    const path = `${PATH}/${stored.metadata.name}`;
    const answer = await writer.client.send("GET", path, { signal });
    if (answer.status !== 200) return;
    const newest = answer.body as APIService;
    const conditions = planConditions(newest, found, now);
    if (conditions === null) return;
    const body = { ...newest, status: { ...newest.status, conditions } };
    check(await writer.client.send("PUT", `${path}/status`, { body, signal }), path);
    const { status, reason, message } = found;
    const { group = "", version = "" } = newest.spec ?? {};
    const apiVersion = apiVersionOf(group, version);
    this.deps.logger.info("an API's availability changed", { apiVersion, status, reason, message });
  }

  private enqueue(object: { readonly namespace: string; readonly name: string } | null): void {
    for (const { name, service } of this.deps.services.all())
      if (service.name === object?.name && service.namespace === object.namespace)
        this.queue.add(name);
  }
}
