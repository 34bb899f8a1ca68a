import { SWIM_DEFAULTS } from "../../../gossip/swim/types.js";
import type { PlantedBug } from "../../../gossip/swim/planted-bug.js";
import { GossipWorld } from "./gossip-world.js";

const MEMBERS = 48;
const LINKS_MAX = 40;
/** What a member may send in a second when nothing happens: a ping, an ack, and what is around. */
const CALM_BYTES_MAX = 400;
const STANDS_MS = 5_500;

/**
 * Runs a cluster from a seed: some crash, say goodbye, stand still, get too little of the processor
 * or cannot reach each other. Null when all that SWIM promises held, and what did not otherwise.
 */
export function runGossipSeed(seed: number, plantedBug?: PlantedBug): string | null {
  const config = { ...SWIM_DEFAULTS, ...(plantedBug === undefined ? {} : { plantedBug }) };
  const world = new GossipWorld({ members: MEMBERS, seed, config, linksMax: LINKS_MAX });
  const { random } = world;
  const left = world.nodes.map(({ name }) => name);
  const draw = (count: number): string[] =>
    Array.from({ length: count }, () => left.splice(random.below(left.length), 1)[0] ?? "");
  const [crash, leave, stop, starve, apart] = [draw(3), draw(2), draw(4), draw(4), draw(4)];

  for (const one of apart) for (const other of apart) if (one < other) world.cut(one, other);
  for (const name of starve) world.starve(name, { runsMs: [1, 20], standsMs: [100, 2_000] });
  world.run(5_000);
  for (const name of stop) world.stop(name, 1_000 + random.below(STANDS_MS - 1_000));
  world.run(10_000);
  for (const name of crash) world.crash(name);
  for (const name of leave) world.leave(name);
  const isKnown = (): boolean => knows(world, { crash, leave });
  if (!world.runUntil(isKnown, 90_000)) return "not everybody knows who is gone";
  for (const name of starve) world.feed(name);
  world.run(30_000);
  const gone = new Set([...crash, ...leave]);
  const wrong = world.verdicts.find(({ type, name }) => type !== "suspect" && !gone.has(name));
  if (wrong !== undefined) return `${wrong.name} is called ${wrong.type} by ${wrong.by}`;
  for (const { swim, name } of world.running())
    for (const { name: other, state } of swim.members())
      if (!gone.has(other) && state !== "alive") return `${name} holds ${other} for ${state}`;
  const blamed = world.verdicts.find(({ name }) => apart.includes(name));
  if (blamed !== undefined) return `${blamed.name} is suspected though others reach it`;
  world.links.resetCounts();
  world.run(10_000);
  const bytes = world.links.bytes.frames / world.running().length / 10;
  return bytes > CALM_BYTES_MAX ? `${Math.round(bytes)} bytes a second in the calm` : null;
}

function knows(
  world: GossipWorld,
  { crash, leave }: { readonly crash: readonly string[]; readonly leave: readonly string[] },
): boolean {
  const isGone = (state: string | undefined): boolean => state === "dead" || state === "left";
  return world
    .running()
    .every(({ swim }) => [...crash, ...leave].every((name) => isGone(swim.member(name)?.state)));
}
