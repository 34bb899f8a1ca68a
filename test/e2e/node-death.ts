import { spawn } from "node:child_process";
import { loadavg } from "node:os";
import { NODES } from "../../api/client/resource-types.js";
import type { ApiClient } from "../../api/client/client-types.js";
import type { Node } from "../../api/schema/types/core-v1.gen.js";
import { netnsPath } from "../../deploy/local-cluster/host-network.js";
import { runCommand } from "../../node/cni/run-command.js";
import type { TestCluster } from "./test-cluster.js";
import { until } from "./until.js";

const UNREACHABLE = "node.kubernetes.io/unreachable";
/** Much longer than it may take: how long it really took is what the test tells. */
const LIMIT_MS = 60_000;

/** What the API says of a node. */
export interface NodeView {
  readonly ready: boolean;
  /** Both taints: no new pods, and those that are there go. */
  readonly tainted: boolean;
}

function viewOf({ spec, status }: Node): NodeView {
  const ready = status?.conditions?.find(({ type }) => type === "Ready")?.status === "True";
  const effects = (spec?.taints ?? []).filter(({ key }) => key === UNREACHABLE);
  return { ready, tainted: effects.length === 2 };
}

/** Sees all nodes by one watch, which is made anew when it ends. */
export class NodeObserver {
  /** Every time a node was seen not to be ready, since the last call of forget(). */
  readonly losses: string[] = [];
  private readonly client: ApiClient;
  private readonly views = new Map<string, NodeView>();
  private readonly closing = new AbortController();
  private listeners = new Set<() => void>();

  constructor(client: ApiClient) {
    this.client = client;
    void this.follow();
  }

  forget(): void {
    this.losses.length = 0;
  }

  close(): void {
    this.closing.abort();
  }

  /** How long it took until the node looked like that, in milliseconds. Throws at the limit. */
  async until(name: string, is: (view: NodeView) => boolean): Promise<number> {
    const startMs = performance.now();
    await new Promise<void>((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.listeners.delete(look);
      };
      const look = (): void => {
        const view = this.views.get(name);
        if (view === undefined || !is(view)) return;
        end();
        resolve();
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`${name} is ${JSON.stringify(this.views.get(name))}`));
      }, LIMIT_MS);
      this.listeners.add(look);
      look();
    });
    return performance.now() - startMs;
  }

  private async follow(): Promise<void> {
    const nodes = this.client.resource(NODES);
    const { signal } = this.closing;
    while (!signal.aborted)
      try {
        const { items, metadata } = await nodes.list({ signal });
        for (const item of items) this.see(item);
        const { resourceVersion } = metadata;
        for await (const event of nodes.watch({ resourceVersion, signal }))
          if (event.type !== "BOOKMARK" && event.type !== "DELETED") this.see(event.object);
      } catch (error) {
        if (!signal.aborted) process.stderr.write(`# the watch ended: ${String(error)}\n`);
      }
  }

  private see(node: Node): void {
    const { name } = node.metadata;
    const view = viewOf(node);
    if (!view.ready && this.views.get(name)?.ready === true) this.losses.push(name);
    this.views.set(name, view);
    for (const listener of this.listeners) listener();
  }
}

/** A host that loses its power: nothing it would say as it dies gets out. */
export async function crash(cluster: TestCluster, name: string): Promise<() => Promise<void>> {
  const { netns } = await cluster.host(name);
  if (netns === null) throw new Error(`${name} has no network of its own`);
  const pid = await cluster.pidOf(name, "agent");
  const link = (state: "up" | "down"): Promise<string> =>
    runCommand("nsenter", [`--net=${netnsPath(netns)}`, "ip", "link", "set", "eth0", state]);
  await link("down");
  process.kill(pid, "SIGKILL");
  return async () => {
    await link("up");
    // It is started again as a whole: also the routes that went with the link.
    await until(
      `${name} to start`,
      async () => (await cluster.raftsman(["start", name])).code === 0,
    );
  };
}

/** Runs `work` while so many processes do nothing but keep the cores busy. */
export async function whileBusy<T>(loops: number, work: () => Promise<T>): Promise<T> {
  const children = Array.from({ length: loops }, () =>
    spawn(process.execPath, ["--eval", "for (;;);"], { stdio: "ignore" }),
  );
  try {
    return await work();
  } finally {
    for (const child of children) child.kill("SIGKILL");
  }
}

/** The load average of the last minute, for what is printed beside times. */
export function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}
