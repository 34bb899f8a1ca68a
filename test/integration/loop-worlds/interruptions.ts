import type { ApiClient } from "../../../api/client/client-types.js";
import { NAMESPACES } from "../../../api/client/resource-types.js";
import { systemClock } from "../../../api/client/system-clock.js";
import type { ControllerName, controlLoops } from "../../../controllers/control-loops.js";
import { clusterScenarios } from "./cluster-scenarios.js";
import type { Scenario } from "./scenario.js";
import { storageScenarios } from "./storage-scenarios.js";
import { workloadScenarios } from "./workload-scenarios.js";
import { type Leader, World, type WorldLoops } from "./world.js";

/** Every loop has a story: without one this does not compile. */
export const SCENARIOS: Readonly<Record<ControllerName, Scenario>> = {
  ...workloadScenarios,
  ...clusterScenarios,
  ...storageScenarios,
};
const LIMIT_MS = 60_000;
const EVENTS_LIMIT_MS = 10_000;

/** What an undisturbed run came to. */
export interface Reference {
  readonly name: ControllerName;
  readonly state: readonly string[];
  readonly writes: number;
}

/** Plays the stories of loops on one server, undisturbed and interrupted. */
export class Interruptions {
  private readonly admin: ApiClient;
  private readonly client: ApiClient;
  private readonly loops: ReturnType<typeof controlLoops>;

  /** `admin` plays the users, `client` connects the loops. */
  constructor(parts: {
    admin: ApiClient;
    client: ApiClient;
    loops: ReturnType<typeof controlLoops>;
  }) {
    this.admin = parts.admin;
    this.client = parts.client;
    this.loops = parts.loops;
  }

  /** Plays the story to its end, then lets another leader look at it, who must write nothing. */
  async undisturbed(
    name: ControllerName,
  ): Promise<{ readonly reference: Reference; readonly problems: readonly string[] }> {
    return this.withWorld(name, 0, async (world) => {
      const loops = this.loopsOf(name);
      const first = world.lead(this.client, loops);
      const problems = [...(await play(world, SCENARIOS[name]))];
      if (!(await world.until(first.isIdle, LIMIT_MS))) problems.push("never idle");
      const { events: told = [] } = SCENARIOS[name];
      const untold = (): readonly string[] => told.filter((one) => !world.events().has(one));
      if (!(await world.until(() => untold().length === 0, EVENTS_LIMIT_MS)))
        problems.push(`no event ${untold().join(", ")}, but ${[...world.events()].join(", ")}`);
      await first.stop();
      const writes = first.writes();
      if (writes < SCENARIOS[name].writesMin) problems.push(`only ${writes} writes`);
      const state = world.state();
      const second = world.lead(this.client, loops);
      if (!(await world.until(second.isIdle, LIMIT_MS))) problems.push("the next never idle");
      await second.stop();
      if (second.writes() > 0) problems.push(`${second.writes()} writes in an unchanged world`);
      return { reference: { name, state, writes }, problems };
    });
  }

  /** What goes wrong when the first leader dies after so many writes. */
  async interrupted({ name, state }: Reference, writes: number): Promise<readonly string[]> {
    return this.withWorld(name, writes, async (world) => {
      const loops = this.loopsOf(name);
      const leaders: Leader[] = [];
      let handOver: Promise<void> | undefined;
      const died = (): void => {
        handOver ??= leaders[0]?.stop().then(() => {
          leaders.push(world.lead(this.client, loops));
        });
      };
      leaders.push(world.lead(this.client, loops, { writesMax: writes, died }));
      const problems = [...(await play(world, SCENARIOS[name]))];
      // A loop may write less often where things happen to come together: then nobody died.
      const wanted = JSON.stringify(state);
      const isEnd = (): boolean =>
        leaders.at(-1)?.isIdle() === true && JSON.stringify(world.state()) === wanted;
      if (!(await world.until(isEnd, LIMIT_MS))) problems.push(...difference(world.state(), state));
      await handOver;
      for (const leader of leaders) await leader.stop();
      return problems;
    });
  }

  private loopsOf(name: ControllerName): WorldLoops {
    const { others = [], clock = systemClock } = SCENARIOS[name];
    return { tested: this.loops[name], others: others.map((one) => this.loops[one]), clock };
  }

  private async withWorld<T>(
    loop: ControllerName,
    run: number,
    story: (world: World) => Promise<T>,
  ): Promise<T> {
    const name = `${loop}-${run}`;
    const namespace = {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name },
      spec: {},
    } as const;
    await this.admin.resource(NAMESPACES).create(namespace);
    const world = await World.open(name, this.admin, SCENARIOS[loop].kinds);
    try {
      return await story(world);
    } finally {
      await world.close();
    }
  }
}

async function play(world: World, { steps }: Scenario): Promise<readonly string[]> {
  for (const [index, { act, reached }] of steps.entries()) {
    await act(world);
    if (!(await world.until(() => reached(world), LIMIT_MS)))
      return [`step ${index + 1} not reached`, ...world.state()];
  }
  return [];
}

function difference(found: readonly string[], wanted: readonly string[]): readonly string[] {
  const surplus = found.filter((one) => !wanted.includes(one)).map((one) => `found ${one}`);
  const missing = wanted.filter((one) => !found.includes(one)).map((one) => `wanted ${one}`);
  const counts = found.length === wanted.length ? [] : [`${found.length}, not ${wanted.length}`];
  const differences = [...surplus, ...missing, ...counts];
  return differences.length === 0 ? ["the last leader was never idle"] : differences;
}
