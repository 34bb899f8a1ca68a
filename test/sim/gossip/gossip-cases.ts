import { SWIM_DEFAULTS, type SwimConfig } from "../../../gossip/swim/types.js";
import { GossipWorld, type Starvation } from "./gossip-world.js";

const LINKS_MAX = 64;
const WARM_MS = 30_000;
const CALM_MS = 60_000;
const STARVED_MS = 120_000;
const CRASHES_MAX = 50;

type Config = Partial<SwimConfig>;

/** What members send in the calm, in bytes a member and second. */
export interface CostRow {
  readonly members: number;
  readonly neighbours: "rings" | "everybody";
  readonly framesBytes: number;
  readonly setupsBytes: number;
  readonly setupsPerSecond: number;
}

/** How long it takes after hosts vanish in one moment, in seconds: the median and the slowest. */
export interface DetectionRow {
  readonly members: number;
  readonly crashes: number;
  readonly suspected: Spread;
  readonly declared: Spread;
  readonly everybody: Spread;
  readonly bytes: number;
  /** Verdicts over members that run. */
  readonly wrong: number;
}

export interface Spread {
  readonly median: number;
  readonly max: number;
}

/** What happens when every tenth member gets too little of the processor; nobody crashes. */
export interface StarvedRow {
  readonly members: number;
  readonly variant: string;
  /** Of healthy members, by starved ones. */
  readonly suspicionsOfHealthy: number;
  /** Members, at some incarnation, that somebody called dead. */
  readonly verdicts: number;
  /** Everybody's. */
  readonly verdictsHeard: number;
  readonly bytes: number;
}

export const VARIANTS: readonly { readonly name: string; readonly config: Config }[] = [
  { name: "SWIM", config: { lifeguard: false, countsSleep: false } },
  { name: "with Lifeguard", config: { countsSleep: false } },
  { name: "with Lifeguard and own sleep counted", config: {} },
];

/** A process that gets a sliver of a core: it runs for a moment, and stands for seconds. */
export const STARVATION: Starvation = { runsMs: [1, 20], standsMs: [100, 6_000] };

function worldOf(members: number, seed: number, config: Config = {}): GossipWorld {
  const whole = { ...SWIM_DEFAULTS, ...config };
  return new GossipWorld({ members, seed, config: whole, linksMax: LINKS_MAX });
}

export function measureCost(
  members: number,
  { seed, neighbours }: { readonly seed: number; readonly neighbours: CostRow["neighbours"] },
): CostRow {
  const world = worldOf(members, seed, neighbours === "rings" ? {} : { rings: null });
  world.run(WARM_MS);
  world.links.resetCounts();
  world.run(CALM_MS);
  const each = (count: number): number => count / members / (CALM_MS / 1000);
  const { bytes, setups } = world.links;
  return {
    members,
    neighbours,
    framesBytes: each(bytes.frames),
    setupsBytes: each(bytes.setups),
    setupsPerSecond: each(setups),
  };
}

export function measureDetection(members: number, seed: number): DetectionRow {
  const world = worldOf(members, seed);
  world.run(WARM_MS);
  world.links.resetCounts();
  const crashes = Math.min(CRASHES_MAX, Math.max(1, Math.floor(members / 20)));
  const step = Math.floor(members / crashes);
  const names = Array.from({ length: crashes }, (_, i) => world.nodes[i * step]?.name ?? "");
  const startMs = world.queue.nowMs;
  for (const name of names) world.crash(name);
  const lost = new Set(names);
  const alive = members - crashes;
  const heard = new Map(names.map((name) => [name, 0]));
  let counted = 0;
  const isKnown = (): boolean => {
    for (const { type, name } of world.verdicts.slice(counted))
      if (type === "dead" && lost.has(name)) heard.set(name, (heard.get(name) ?? 0) + 1);
    counted = world.verdicts.length;
    return [...heard.values()].every((count) => count >= alive);
  };
  world.runUntil(isKnown, 120_000);
  const seconds = (world.queue.nowMs - startMs) / 1000;
  const times = (pick: "first" | "last", type: "suspect" | "dead"): Spread =>
    spreadOf(
      names.map((name) => {
        const told = world.verdicts.filter((one) => one.name === name && one.type === type);
        const at = pick === "first" ? told[0] : told.at(-1);
        return at === undefined ? Number.POSITIVE_INFINITY : (at.atMs - startMs) / 1000;
      }),
    );
  return {
    members,
    crashes,
    suspected: times("first", "suspect"),
    declared: times("first", "dead"),
    everybody: times("last", "dead"),
    bytes: world.links.bytes.frames / members / seconds,
    wrong: world.verdicts.filter(({ type, name }) => type === "dead" && !lost.has(name)).length,
  };
}

export function measureStarved(
  members: number,
  { seed, name, config }: { readonly seed: number; readonly name: string; readonly config: Config },
): StarvedRow {
  const world = worldOf(members, seed, config);
  world.run(WARM_MS);
  world.links.resetCounts();
  for (let i = 0; i < members / 10; i += 1)
    world.starve(world.nodes[i * 10]?.name ?? "", STARVATION);
  world.run(STARVED_MS);
  const of = (type: string): typeof world.verdicts =>
    world.verdicts.filter((verdict) => verdict.type === type);
  const distinct = (verdicts: typeof world.verdicts): number =>
    new Set(verdicts.map((one) => `${one.name} ${one.incarnation}`)).size;
  return {
    members,
    variant: name,
    suspicionsOfHealthy: distinct(of("suspect").filter((one) => !world.isStarved(one.name))),
    verdicts: distinct(of("dead")),
    verdictsHeard: of("dead").length,
    bytes: world.links.bytes.frames / members / (STARVED_MS / 1000),
  };
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, max: sorted.at(-1) ?? 0 };
}
