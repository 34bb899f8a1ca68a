import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { assert, present } from "../../base/assert.js";
import { messageOf } from "../../base/errors.js";
import type { ClusterView } from "./cluster-snapshot.js";
import { CycleState } from "./cycle-state.js";
import {
  type BindPlugin,
  type BindingContext,
  type ClusterEvent,
  type FilterPlugin,
  type PermitPlugin,
  type Plugin,
  type PostBindPlugin,
  type PostFilterContext,
  type PostFilterPlugin,
  type PostFilterResult,
  type PreBindPlugin,
  type PreEnqueuePlugin,
  type PreFilterPlugin,
  type PreScorePlugin,
  type QueueSortPlugin,
  type QueuedPod,
  type Refusal,
  type ReservePlugin,
  type ScorePlugin,
  SUCCESS,
  type Status,
} from "./interfaces.js";
import type { NodeInfo } from "./node-info.js";
import type { Fits } from "../preemption.js";
import type { PodInfo } from "./pod-info.js";

/** A plugin in its place: the weight counts for Score alone. */
export interface PluginEntry {
  readonly plugin: Plugin;
  readonly weight?: number;
}

/** A refusal and who said it. */
export interface PluginRefusal {
  readonly plugin: string;
  readonly status: Refusal;
}

/** A plugin of the binding cycle threw `cause`. */
export class BindFailure extends Error {
  override readonly name = "BindFailure";

  constructor(stage: "PreBind" | "Bind", plugin: string, cause: unknown) {
    super(`running ${stage} plugin "${plugin}": ${messageOf(cause)}`, { cause });
  }
}

/** What PreFilter found: a refusal, or the work that Filter is left with. */
export type PreFilterResult =
  | { readonly type: "refused"; readonly refusal: PluginRefusal }
  | {
      readonly type: "go";
      readonly filters: readonly FilterPlugin[];
      /** The only nodes worth a look; null: all. `narrowedBy` names who said so. */
      readonly nodeNames: ReadonlySet<string> | null;
      readonly narrowedBy: readonly string[];
    };

/**
 * The plugins of one scheduler, sorted into the stages they take part in. Runs stages; holds no
 * rule of its own.
 */
export class Framework {
  readonly queueSort: QueueSortPlugin;
  private readonly plugins: ReadonlyMap<string, Plugin>;
  private readonly preEnqueue: readonly PreEnqueuePlugin[];
  private readonly preFilter: readonly PreFilterPlugin[];
  private readonly filters: readonly FilterPlugin[];
  private readonly postFilter: readonly PostFilterPlugin[];
  private readonly preScore: ReadonlySet<Plugin>;
  private readonly scores: readonly { readonly plugin: ScorePlugin; readonly weight: number }[];
  private readonly reserve: readonly ReservePlugin[];
  private readonly permit: readonly PermitPlugin[];
  private readonly preBind: readonly PreBindPlugin[];
  private readonly bind: BindPlugin;
  private readonly postBind: readonly PostBindPlugin[];

  constructor(entries: readonly PluginEntry[]) {
    const plugins = entries.map(({ plugin }) => plugin);
    this.plugins = new Map(plugins.map((plugin) => [plugin.name, plugin]));
    assert(this.plugins.size === plugins.length, "two plugins of one name");
    const sorters = having<QueueSortPlugin>(plugins, "less");
    assert(sorters.length === 1, `${sorters.length} QueueSort plugins`);
    this.queueSort = present(sorters[0], "QueueSort plugin");
    this.preEnqueue = having(plugins, "preEnqueue");
    this.preFilter = having(plugins, "preFilter");
    this.filters = having(plugins, "filter");
    this.postFilter = having(plugins, "postFilter");
    this.preScore = new Set(having<PreScorePlugin>(plugins, "preScore"));
    this.scores = entries.flatMap(({ plugin, weight = 1 }) =>
      "score" in plugin ? [{ plugin: plugin as ScorePlugin, weight }] : [],
    );
    this.reserve = having(plugins, "reserve");
    this.permit = having(plugins, "permit");
    this.preBind = having(plugins, "preBind");
    this.bind = present(having<BindPlugin>(plugins, "bind")[0], "Bind plugin");
    this.postBind = having(plugins, "postBind");
  }

  /** The first refusal to queue this pod at all; null: it may be queued. */
  runPreEnqueue(pod: Pod): PluginRefusal | null {
    for (const plugin of this.preEnqueue) {
      const refusal = asRefusal(plugin, plugin.preEnqueue(pod));
      if (refusal !== null) return refusal;
    }
    return null;
  }

  runPreFilter(state: CycleState, pod: PodInfo, view: ClusterView): PreFilterResult {
    const skipped = new Set<Plugin>();
    const narrowedBy: string[] = [];
    let nodeNames: ReadonlySet<string> | null = null;
    for (const plugin of this.preFilter) {
      const status = plugin.preFilter(state, pod, view);
      if (status.code === "Skip") skipped.add(plugin);
      const refusal = asRefusal(plugin, status);
      if (refusal !== null) return { type: "refused", refusal };
      const narrowed = skipped.has(plugin) ? null : (plugin.nodeNames?.(pod) ?? null);
      if (narrowed === null) continue;
      narrowedBy.push(plugin.name);
      nodeNames = nodeNames === null ? narrowed : intersection(nodeNames, narrowed);
    }
    const filters = this.filters.filter((plugin) => !skipped.has(plugin));
    return { type: "go", filters, nodeNames, narrowedBy };
  }

  /** The first way that a plugin finds where no node would do, or what they all say of it. */
  runPostFilter(
    state: CycleState,
    pod: PodInfo,
    { view, refusals }: Omit<PostFilterContext, "fits">,
  ): PostFilterResult {
    const fits: Fits = (imagined, node) => this.refusalAt(pod, imagined, node)?.status ?? null;
    const texts: string[] = [];
    for (const plugin of this.postFilter) {
      const result = plugin.postFilter(state, pod, { view, refusals, fits });
      if (result.preemption !== null) return result;
      if (result.text !== "") texts.push(result.text);
    }
    return { text: texts.join(", "), preemption: null };
  }

  /** Why the pod may not run on that node of a cluster, asked from the beginning; null: it may. */
  refusalAt(pod: PodInfo, view: ClusterView, node: NodeInfo): PluginRefusal | null {
    const state = new CycleState();
    const result = this.runPreFilter(state, pod, view);
    if (result.type === "refused") return result.refusal;
    return runFilters(result.filters, { state, pod, node });
  }

  /** The weighted sum of all scores, for each feasible node in order. */
  runScore(
    state: CycleState,
    pod: PodInfo,
    { view, feasible }: { view: ClusterView; feasible: readonly NodeInfo[] },
  ): readonly number[] {
    const totals = feasible.map(() => 0);
    for (const { plugin, weight } of this.scores) {
      if (this.preScore.has(plugin)) {
        const status = (plugin as ScorePlugin & PreScorePlugin).preScore(state, pod, {
          view,
          feasible,
        });
        if (status.code === "Skip") continue;
      }
      const scores = feasible.map((node) => plugin.score(state, pod, node));
      plugin.normalize?.(state, pod, scores);
      for (let i = 0; i < scores.length; i += 1)
        totals[i] = (totals[i] ?? 0) + weight * (scores[i] ?? 0);
    }
    return totals;
  }

  /** Reserve, then Permit. On a refusal everything reserved is given back. */
  runReserve(state: CycleState, pod: PodInfo, nodeName: string): PluginRefusal | null {
    for (const plugin of this.reserve) {
      const refusal = asRefusal(plugin, plugin.reserve(state, pod, nodeName));
      if (refusal === null) continue;
      this.runUnreserve(state, pod, nodeName);
      return refusal;
    }
    for (const plugin of this.permit) {
      const refusal = asRefusal(plugin, plugin.permit(state, pod, nodeName));
      if (refusal === null) continue;
      this.runUnreserve(state, pod, nodeName);
      return refusal;
    }
    return null;
  }

  /** Undoes runReserve, in the opposite order. */
  runUnreserve(state: CycleState, pod: PodInfo, nodeName: string): void {
    for (const plugin of [...this.reserve].reverse()) plugin.unreserve(state, pod, nodeName);
  }

  /** PreBind, Bind, PostBind. Throws a BindFailure. */
  async runBind(state: CycleState, pod: PodInfo, context: BindingContext): Promise<void> {
    for (const plugin of this.preBind)
      await named("PreBind", plugin, plugin.preBind(state, pod, context));
    await named("Bind", this.bind, this.bind.bind(state, pod, context));
    for (const plugin of this.postBind) plugin.postBind(state, pod, context.nodeName);
  }

  /** Whether an event is worth a new try of a pod that these plugins refused. */
  worthRetrying(pod: PodInfo, refusedBy: ReadonlySet<string>, event: ClusterEvent): boolean {
    if (refusedBy.size === 0) return true;
    for (const name of refusedBy) {
      const plugin = this.plugins.get(name);
      if (plugin?.hint === undefined || plugin.hint(pod, event) === "Queue") return true;
    }
    return false;
  }

  /** For the heap of the queue. */
  readonly precedes = (a: QueuedPod, b: QueuedPod): boolean => this.queueSort.less(a, b);
}

/** Runs the filters on one node; the first refusal counts. Null: the node will do. */
export function runFilters(
  filters: readonly FilterPlugin[],
  { state, pod, node }: { state: CycleState; pod: PodInfo; node: NodeInfo },
): PluginRefusal | null {
  for (const plugin of filters) {
    const status = plugin.filter(state, pod, node);
    if (status !== SUCCESS) {
      const refusal = asRefusal(plugin, status);
      if (refusal !== null) return refusal;
    }
  }
  return null;
}

async function named(
  stage: "PreBind" | "Bind",
  { name }: Plugin,
  work: Promise<void>,
): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw new BindFailure(stage, name, error);
  }
}

function asRefusal(plugin: Plugin, status: Status): PluginRefusal | null {
  if (status.code === "Success" || status.code === "Skip") return null;
  return { plugin: plugin.name, status };
}

function having<P extends Plugin>(
  plugins: readonly Plugin[],
  method: keyof P & string,
): readonly P[] {
  return plugins.filter((plugin): plugin is P => method in plugin);
}

function intersection(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...a].filter((name) => b.has(name)));
}
