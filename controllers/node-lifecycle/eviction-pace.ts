import type { Node } from "../../api/schema/types/core-v1.gen.js";

/** Kubernetes' --node-eviction-rate: one node in ten seconds, in each zone. */
const PACE_MS = 10_000;
/** Its --secondary-node-eviction-rate, for a zone that is partly down. */
const SLOW_PACE_MS = 100_000;
/** Its --unhealthy-zone-threshold: from this share on a zone counts as partly down. */
const PARTIAL_SHARE = 0.55;
/** Where nothing may begin: when to ask again, as its --node-monitor-period. */
const ASK_AGAIN_MS = 5_000;
/** Fewer unready nodes than this are nobody's disruption. */
const PARTIAL_MIN = 3;
/** Its --large-cluster-size-threshold: a smaller zone that is partly down evicts nothing. */
const LARGE_ZONE = 50;

interface Zone {
  nodes: number;
  unready: number;
  /** When the next node may be tainted. */
  nextMs: number;
}

interface KnownNode {
  readonly zone: string;
  readonly ready: boolean;
  /** It may be tainted, and needs not wait again when that has to be tried again. */
  begun: boolean;
}

/**
 * How fast nodes that are down lose their pods: one at a time in each zone, slower where much of a
 * zone is down, not at all where everything is. Rules: Kubernetes' node lifecycle controller
 * (ComputeZoneState, handleDisruption). Pure: times come in; a change of a node costs a constant.
 */
export class EvictionPace {
  private readonly known = new Map<string, KnownNode>();
  private readonly zones = new Map<string, Zone>();
  /** Zones all of whose nodes are unready. */
  private downZones = 0;

  /** Every zone is down, and there is one. */
  get allDown(): boolean {
    return this.zones.size > 0 && this.downZones === this.zones.size;
  }

  /** A node is as told. True: `allDown` changed, which concerns every node. */
  set(name: string, zone: string, ready: boolean): boolean {
    const before = this.known.get(name);
    if (before?.zone === zone && before.ready === ready) return false;
    const wasDown = this.allDown;
    this.count(before, -1);
    const now = { zone, ready, begun: false };
    this.known.set(name, now);
    this.count(now, 1);
    return this.allDown !== wasDown;
  }

  /** A node is gone. True: `allDown` changed. */
  delete(name: string): boolean {
    const wasDown = this.allDown;
    this.count(this.known.get(name), -1);
    this.known.delete(name);
    return this.allDown !== wasDown;
  }

  /**
   * Asks to begin with a node that is not ready: true, and the next one of its zone has to wait; or
   * in how many ms to ask again; or null: not before `allDown` changes. Who may begin may do so
   * until it is ready again.
   */
  begin(name: string, nowMs: number): true | number | null {
    const node = this.known.get(name);
    const zone = this.zones.get(node?.zone ?? "");
    if (node === undefined || zone === undefined || this.allDown) return null;
    if (node.begun) return true;
    const paceMs = paceOf(zone);
    if (paceMs === null) return ASK_AGAIN_MS;
    if (zone.nextMs > nowMs) return zone.nextMs - nowMs;
    zone.nextMs = nowMs + paceMs;
    node.begun = true;
    return true;
  }

  private count(node: { zone: string; ready: boolean } | undefined, by: 1 | -1): void {
    if (node === undefined) return;
    const zone = this.zones.get(node.zone) ?? { nodes: 0, unready: 0, nextMs: 0 };
    if (isDown(zone)) this.downZones -= 1;
    zone.nodes += by;
    if (!node.ready) zone.unready += by;
    if (isDown(zone)) this.downZones += 1;
    if (zone.nodes === 0) this.zones.delete(node.zone);
    else this.zones.set(node.zone, zone);
  }
}

/** The zone a node is in, by its well-known labels; nodes without them share one. */
export function zoneOf({ metadata: { labels } }: Node): string {
  const region = labels?.["topology.kubernetes.io/region"] ?? "";
  return `${region}\n${labels?.["topology.kubernetes.io/zone"] ?? ""}`;
}

function isDown({ nodes, unready }: Zone): boolean {
  return nodes > 0 && unready === nodes;
}

/** Null: the zone evicts nothing. */
function paceOf(zone: Zone): number | null {
  const { nodes, unready } = zone;
  const partly = unready >= PARTIAL_MIN && unready / nodes >= PARTIAL_SHARE;
  if (!partly || isDown(zone)) return PACE_MS;
  return nodes > LARGE_ZONE ? SLOW_PACE_MS : null;
}
