import { parseTimeMs } from "../../api/machinery/time.js";
import type { Node, NodeCondition, Pod, Taint } from "../../api/schema/types/core-v1.gen.js";
import type { NodeLiveness } from "../../gossip/heartbeat-types.js";

/** What is known of a node's link. */
export type LinkState =
  /** Heartbeats arrive. */
  | "alive"
  /** None for too long. */
  | "dead"
  /**
   * Not decided: just started, just restarted, or the servers cannot be asked. Nothing is changed.
   */
  | "undecided";

const UNREACHABLE = "node.kubernetes.io/unreachable";
const NOT_READY = "node.kubernetes.io/not-ready";

/** The conditions a silent agent can no longer vouch for. */
const AGENT_CONDITIONS = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"] as const;

/** Taints that follow conditions: which condition, in which state, means which taint. */
const CONDITION_TAINTS: readonly {
  readonly condition: string;
  readonly status: string;
  readonly key: string;
  readonly effects: readonly string[];
}[] = [
  {
    condition: "Ready",
    status: "False",
    key: NOT_READY,
    effects: ["NoSchedule", "NoExecute"],
  },
  {
    condition: "Ready",
    status: "Unknown",
    key: UNREACHABLE,
    effects: ["NoSchedule", "NoExecute"],
  },
  {
    condition: "MemoryPressure",
    status: "True",
    key: "node.kubernetes.io/memory-pressure",
    effects: ["NoSchedule"],
  },
  {
    condition: "DiskPressure",
    status: "True",
    key: "node.kubernetes.io/disk-pressure",
    effects: ["NoSchedule"],
  },
  {
    condition: "PIDPressure",
    status: "True",
    key: "node.kubernetes.io/pid-pressure",
    effects: ["NoSchedule"],
  },
  {
    condition: "NetworkUnavailable",
    status: "True",
    key: "node.kubernetes.io/network-unavailable",
    effects: ["NoSchedule"],
  },
];
const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

/** What to write about one node; null: nothing. */
export interface NodeLifecyclePlan {
  /** Conditions that change, to be merged by type. */
  readonly conditions: readonly NodeCondition[] | null;
  /** All taints the node shall have. */
  readonly taints: readonly Taint[] | null;
  /** True when pods on the node must not count as ready. */
  readonly podsUnready: boolean;
}

/**
 * How long a new node may take to get ready before pods that do not tolerate it have to leave:
 * kube-controller-manager looks every so often, and so as a rule never sees a node that is joining.
 */
const JOINING_MS = 5_000;

/** For how long still the node counts as joining; 0: no longer. `nowMs` since 1970. */
export function joiningLeftMs({ metadata }: Node, nowMs: number): number {
  const leftMs = (parseTimeMs(metadata.creationTimestamp) ?? 0) + JOINING_MS - nowMs;
  // Made in the future: by a server whose clock is not ours.
  return leftMs > JOINING_MS ? 0 : Math.max(0, leftMs);
}

/** What is decided elsewhere about NoExecute taints, which end pods (EvictionPace). */
export interface Evictions {
  /** Everything is down: no node has such a taint. */
  readonly allDown: boolean;
  /** Asked once, and only when the node would get its first such taint of ours. */
  mayBegin(): boolean;
}

/**
 * Decides what the link's state and the node's conditions mean for its Node object. `now` is RFC
 * 3339, seconds.
 */
export function planNodeLifecycle(
  node: Node,
  link: LinkState,
  { now, evictions }: { now: string; evictions: Evictions },
): NodeLifecyclePlan {
  const conditions = link === "dead" ? unknownConditions(node, now) : [];
  const after = mergeConditions(node.status?.conditions ?? [], conditions);
  const ready = after.find(({ type }) => type === "Ready");
  // A node that never posted a status yet is not ready either.
  const wanted = wantedTaints(after, { unschedulable: node.spec.unschedulable === true, now });
  const taints = mergeTaints(node.spec.taints ?? [], wanted, evictions);
  return {
    conditions: conditions.length === 0 ? null : conditions,
    taints,
    podsUnready: ready !== undefined && ready.status !== "True",
  };
}

function unknownConditions(node: Node, now: string): readonly NodeCondition[] {
  const known = new Map((node.status?.conditions ?? []).map((one) => [one.type, one]));
  return AGENT_CONDITIONS.flatMap((type) => {
    const condition = known.get(type);
    if (condition?.status === "Unknown") return [];
    const [reason, message] =
      condition === undefined
        ? ["NodeStatusNeverUpdated", "Kubelet never posted node status."]
        : ["NodeStatusUnknown", "Kubelet stopped posting node status."];
    const lastHeartbeatTime = condition?.lastHeartbeatTime ?? node.metadata.creationTimestamp;
    return [
      { type, status: "Unknown", reason, message, lastHeartbeatTime, lastTransitionTime: now },
    ];
  });
}

function mergeConditions(
  known: readonly NodeCondition[],
  changes: readonly NodeCondition[],
): readonly NodeCondition[] {
  const byType = new Map(known.map((condition) => [condition.type, condition]));
  for (const condition of changes) byType.set(condition.type, condition);
  return [...byType.values()];
}

function wantedTaints(
  conditions: readonly NodeCondition[],
  { unschedulable, now }: { unschedulable: boolean; now: string },
): readonly Taint[] {
  const status = new Map(conditions.map((condition) => [condition.type, condition.status]));
  // Before its first status a node is not ready.
  if (!status.has("Ready")) status.set("Ready", "False");
  const wanted = CONDITION_TAINTS.flatMap((rule): Taint[] =>
    status.get(rule.condition) === rule.status
      ? rule.effects.map((effect) => ({
          key: rule.key,
          effect,
          ...(effect === "NoExecute" ? { timeAdded: now } : {}),
        }))
      : [],
  );
  if (unschedulable) wanted.push({ key: UNSCHEDULABLE, effect: "NoSchedule", timeAdded: now });
  return wanted;
}

const OWN_KEYS = new Set([...CONDITION_TAINTS.map(({ key }) => key), UNSCHEDULABLE]);

/** The taints with ours brought in line and all others kept; null when nothing changes. */
function mergeTaints(
  known: readonly Taint[],
  wanted: readonly Taint[],
  evictions: Evictions,
): readonly Taint[] | null {
  const same = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;
  const now = mayEvict(known, wanted, evictions)
    ? wanted
    : wanted.filter(({ effect }) => effect !== "NoExecute");
  const kept = known.filter(
    (taint) => !OWN_KEYS.has(taint.key) || now.some((other) => same(taint, other)),
  );
  const added = now.filter((taint) => !known.some((other) => same(taint, other)));
  return added.length === 0 && kept.length === known.length ? null : [...kept, ...added];
}

function mayEvict(
  known: readonly Taint[],
  wanted: readonly Taint[],
  evictions: Evictions,
): boolean {
  if (evictions.allDown) return false;
  if (known.some(({ key, effect }) => OWN_KEYS.has(key) && effect === "NoExecute")) return true;
  return wanted.some(({ effect }) => effect === "NoExecute") && evictions.mayBegin();
}

/**
 * The Ready condition a pod of an unready node gets; null when it is not ready already, or has
 * ended.
 */
export function planPodUnready(pod: Pod, now: string): object | null {
  const ready = pod.status?.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status !== "True") return null;
  return { type: "Ready", status: "False", lastTransitionTime: now };
}

/** How long a node that the servers do not know, or that said goodbye, is waited for. */
export const GRACE_MS = 10_000;

/**
 * The link states of all nodes, from the liveness stream. A server that was restarted knows nobody
 * at first, so a node that is missing gets a grace time from the moment the stream was (re)opened.
 * Pure: times come in.
 */
export class LinkTracker {
  private readonly known = new Map<string, { state: NodeLiveness["state"]; sinceMs: number }>();
  private readonly firstSeenMs = new Map<string, number>();
  private openedMs: number | null = null;

  /** A Node object is there: an agent registers before it opens its link. */
  seen(node: string, nowMs: number): void {
    if (!this.firstSeenMs.has(node)) this.firstSeenMs.set(node, nowMs);
  }

  /** The stream was opened: its listing follows. What was dead stays dead until it is heard of. */
  opened(nowMs: number): void {
    this.openedMs = nowMs;
    for (const [node, entry] of this.known) {
      if (entry.state !== "dead") this.known.delete(node);
    }
  }

  /** The stream broke: nothing is known that could be acted on. */
  lost(): void {
    this.openedMs = null;
  }

  heard(liveness: NodeLiveness, nowMs: number): void {
    this.known.set(liveness.node, { state: liveness.state, sinceMs: nowMs });
  }

  forget(node: string): void {
    this.known.delete(node);
    this.firstSeenMs.delete(node);
  }

  /** The node's state; `waitMs`: when to ask again because time alone will change the answer. */
  stateOf(node: string, nowMs: number): { readonly link: LinkState; readonly waitMs?: number } {
    if (this.openedMs === null) return { link: "undecided" };
    const entry = this.known.get(node);
    if (entry?.state === "alive" || entry?.state === "dead") return { link: entry.state };
    const startMs = Math.max(this.openedMs, this.firstSeenMs.get(node) ?? 0);
    const leftMs = (entry?.sinceMs ?? startMs) + GRACE_MS - nowMs;
    return leftMs > 0 ? { link: "undecided", waitMs: leftMs } : { link: "dead" };
  }
}
