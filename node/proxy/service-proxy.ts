import type { Informer } from "../../api/client/informer.js";
import type { Service } from "../../api/schema/types/core-v1.gen.js";
import type { EndpointSlice } from "../../api/schema/types/discovery-v1.gen.js";
import type { Clock } from "../../base/clock.js";
import { hasCode, messageOf } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import { type RunCommand, runCommand } from "../cni/run-command.js";
import { forgetFlows, KernelTable } from "./apply.js";
import { baseChains } from "./nftables.js";
import type { ChainState, Element, RuleSet } from "./rule-set.js";
import { ServiceTable, type TableChange } from "./service-table.js";

/** Changes that come within this time are loaded together. */
const BATCH_DELAY_MS = 20;
/**
 * Services in one transaction: bounds its text and the time for which the kernel's table is
 * locked.
 */
const SERVICES_PER_TRANSACTION = 200;
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 30_000;
/** How often the table is looked for, in case somebody flushed the ruleset. */
const CHECK_INTERVAL_MS = 15_000;
const STALE_FLOWS_MAX = 256;

export interface ServiceProxyOptions {
  /** Shared informers, started by the caller. */
  readonly services: Pick<Informer<Service>, "addHandler" | "whenSynced">;
  readonly slices: Pick<Informer<EndpointSlice>, "addHandler" | "whenSynced">;
  readonly nodeName: string;
  /** Such as "raftsman_dev_services"; see nftTableName(networkName, "services") in node/cni. */
  readonly tableName: string;
  readonly clusterCidr: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly run?: RunCommand;
}

/** Counters since the start; seconds are fractions. */
export interface ServiceProxyMetrics {
  readonly services: number;
  readonly transactions: number;
  readonly failures: number;
  readonly fullSyncs: number;
  /** Duration of the last transaction. */
  readonly lastTransactionMs: number;
  readonly forgottenUdpFlows: number;
}

export interface RunningServiceProxy {
  /**
   * Resolves when the rules of all Services known at the start are loaded; false when closed
   * before.
   */
  whenLoaded(): Promise<boolean>;
  metrics(): ServiceProxyMetrics;
  /** Stops following; the rules stay, so that traffic flows while the agent is away. */
  close(): Promise<void>;
}

/**
 * Keeps the Service rules of this node in nftables. At the start the table is compared with what
 * is wanted and only differences are loaded; afterwards a change costs one small transaction.
 * Failures are retried with back-off.
 */
export function startServiceProxy(options: ServiceProxyOptions): RunningServiceProxy {
  const proxy = new ServiceProxy(options);
  proxy.start();
  return proxy;
}

/** Removes all Service rules of a host: for `down`. */
export async function removeServiceTable(
  tableName: string,
  run: RunCommand = runCommand,
): Promise<void> {
  await new KernelTable(tableName, run).remove(new AbortController().signal);
}

class ServiceProxy implements RunningServiceProxy {
  private readonly options: ServiceProxyOptions;
  private readonly run: RunCommand;
  private readonly kernel: KernelTable;
  private readonly table: ServiceTable;
  private readonly stopper = new AbortController();
  private readonly removeHandlers: (() => void)[] = [];
  private loop: Promise<void> = Promise.resolve();
  private wake: (() => void) | null = null;
  private loaded = false;
  private loadedWaiters: (() => void)[] = [];
  private conntrackMissing = false;
  private readonly counters = {
    transactions: 0,
    failures: 0,
    fullSyncs: 0,
    lastTransactionMs: 0,
    forgottenUdpFlows: 0,
  };

  constructor(options: ServiceProxyOptions) {
    this.options = options;
    this.run = options.run ?? runCommand;
    this.kernel = new KernelTable(options.tableName, this.run);
    const { nodeName, clusterCidr } = options;
    this.table = new ServiceTable({ nodeName, clusterCidr });
  }

  start(): void {
    const { services, slices } = this.options;
    const changed = (): void => this.wake?.();
    this.removeHandlers.push(
      services.addHandler({
        added: (service) => (this.table.setService(service), changed()),
        updated: (service) => (this.table.setService(service), changed()),
        deleted: (service) => (this.table.deleteService(service), changed()),
      }),
      slices.addHandler({
        added: (slice) => (this.table.setSlice(slice), changed()),
        updated: (slice) => (this.table.setSlice(slice), changed()),
        deleted: (slice) => (this.table.deleteSlice(slice), changed()),
      }),
    );
    this.loop = this.follow();
  }

  async whenLoaded(): Promise<boolean> {
    if (!this.loaded && !this.stopper.signal.aborted)
      await new Promise<void>((resolve) => this.loadedWaiters.push(resolve));
    return this.loaded;
  }

  metrics(): ServiceProxyMetrics {
    return { services: this.table.size, ...this.counters };
  }

  async close(): Promise<void> {
    for (const remove of this.removeHandlers) remove();
    this.stopper.abort();
    this.wake?.();
    this.releaseWaiters();
    await this.loop;
  }

  /** One loop: a full comparison, then increments until something fails, then again. */
  private async follow(): Promise<void> {
    const { signal } = this.stopper;
    const { services, slices, logger } = this.options;
    // Before both are known, missing endpoints would look like Services without backends.
    await Promise.all([services.whenSynced(signal), slices.whenSynced(signal)]);
    let retryMs = RETRY_MIN_MS;
    while (!signal.aborted) {
      try {
        await this.syncAll(signal);
        retryMs = RETRY_MIN_MS;
        await this.followChanges(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.counters.failures += 1;
        logger.error("service rules could not be loaded; trying again", {
          table: this.options.tableName,
          error: messageOf(error),
          retryMs,
        });
        await this.pause(retryMs, false);
        retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
      }
    }
  }

  /**
   * Compares the kernel's table with what is wanted, some Services at a time, and removes the rest
   * at the end.
   */
  private async syncAll(signal: AbortSignal): Promise<void> {
    this.counters.fullSyncs += 1;
    await this.kernel.create(signal);
    const found = await this.kernel.list(signal);
    const rest = {
      chains: new Map(found.chains),
      elements: new Map(found.elements),
      affinitySets: new Map(found.affinitySets),
    };
    const base = baseChains(this.options.clusterCidr);
    await this.load(takeShare(rest, { chains: base }, EMPTY), { ...EMPTY, chains: base }, signal);
    this.table.startOver();
    for (;;) {
      const change = this.table.takeChange(SERVICES_PER_TRANSACTION);
      if (change === null) break;
      await this.load(takeShare(rest, change.to, change.from), change.to, signal);
    }
    await this.load(rest, EMPTY, signal);
    this.loaded = true;
    this.releaseWaiters();
  }

  private async followChanges(signal: AbortSignal): Promise<void> {
    let checkedMs = this.options.clock.monotonicMs();
    while (!signal.aborted) {
      if (this.table.pending === 0) await this.pause(CHECK_INTERVAL_MS, true);
      if (signal.aborted) return;
      if (this.table.pending > 0) await this.pause(BATCH_DELAY_MS, false);
      const change = this.table.takeChange(SERVICES_PER_TRANSACTION);
      if (change !== null) await this.loadChange(change, signal);
      const nowMs = this.options.clock.monotonicMs();
      if (nowMs - checkedMs < CHECK_INTERVAL_MS) continue;
      checkedMs = nowMs;
      if (!(await this.kernel.exists(signal))) {
        this.options.logger.warn("the service rules were removed by somebody else; restoring them");
        return;
      }
    }
  }

  private async loadChange(change: TableChange, signal: AbortSignal): Promise<void> {
    await this.load(change.from, change.to, signal);
    if (change.staleUdp.length === 0 || this.conntrackMissing) return;
    try {
      const stale = change.staleUdp.slice(0, STALE_FLOWS_MAX);
      this.counters.forgottenUdpFlows += await forgetFlows(stale, { run: this.run, signal });
    } catch (error) {
      if (!hasCode(error, "CommandMissing")) throw error;
      this.conntrackMissing = true;
      this.options.logger.warn(
        "UDP clients may keep sending to backends that are gone: conntrack is not installed",
        { remedy: "apt-get install conntrack" },
      );
    }
  }

  private async load(from: RuleSet, to: RuleSet, signal: AbortSignal): Promise<void> {
    const startMs = this.options.clock.monotonicMs();
    if (!(await this.kernel.load(from, to, signal))) return;
    this.counters.transactions += 1;
    this.counters.lastTransactionMs = this.options.clock.monotonicMs() - startMs;
  }

  /** Waits; `wakeable`: ends early when an object changes. Always ends early on close. */
  private pause(delayMs: number, wakeable: boolean): Promise<void> {
    const { signal } = this.stopper;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        this.wake = null;
        cancel();
        signal.removeEventListener("abort", finish);
        resolve();
      };
      const cancel = this.options.clock.schedule(delayMs, finish);
      signal.addEventListener("abort", finish, { once: true });
      if (wakeable) this.wake = finish;
    });
  }

  private releaseWaiters(): void {
    for (const release of this.loadedWaiters) release();
    this.loadedWaiters = [];
  }
}

const EMPTY: RuleSet = { chains: new Map(), elements: new Map(), affinitySets: new Map() };

/** What is loaded and not yet compared. */
interface Rest {
  readonly chains: Map<string, ChainState>;
  readonly elements: Map<string, Element>;
  readonly affinitySets: Map<string, number>;
}

/**
 * What of `wanted` is loaded: the part taken out of `rest`, and what was loaded since, in `since`.
 */
function takeShare(rest: Rest, wanted: Partial<RuleSet>, since: RuleSet): RuleSet {
  return {
    chains: take(rest.chains, wanted.chains, since.chains),
    elements: take(rest.elements, wanted.elements, since.elements),
    affinitySets: take(rest.affinitySets, wanted.affinitySets, since.affinitySets),
  };
}

function take<V>(
  rest: Map<string, V>,
  wanted: ReadonlyMap<string, V> | undefined,
  since: ReadonlyMap<string, V>,
): ReadonlyMap<string, V> {
  const taken = new Map(since);
  for (const key of wanted?.keys() ?? []) {
    const value = rest.get(key);
    if (value !== undefined) taken.set(key, value);
    rest.delete(key);
  }
  return taken;
}
