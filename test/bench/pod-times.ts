import type { ApiClient } from "../../api/client/client-types.js";
import { PODS } from "../../api/client/resource-types.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { NewObject } from "../../api/schema/wire-types.js";
import { BUSYBOX_IMAGE } from "../../deploy/images/busybox-image.js";

/** Times pods from the create call to Running as a watch shows it. */
export class PodTimes {
  private readonly client: ApiClient;
  private readonly namespace: string;
  private readonly ending = new AbortController();
  private readonly waiting = new Map<string, (atMs: number) => void>();
  private watching: Promise<void> = Promise.resolve();

  private constructor(client: ApiClient, namespace: string) {
    this.client = client;
    this.namespace = namespace;
  }

  /** Begins to watch the namespace; end it with `stop`. */
  static async watch(client: ApiClient, namespace: string): Promise<PodTimes> {
    const times = new PodTimes(client, namespace);
    const { metadata } = await client.resource(PODS).list({ namespace });
    times.watching = times.follow(metadata.resourceVersion).catch(() => {});
    return times;
  }

  /** Creates pods of these names at once; resolves once all run, with the milliseconds of each. */
  async start(names: readonly string[]): Promise<readonly number[]> {
    const pods = this.client.resource(PODS);
    return Promise.all(
      names.map(async (name) => {
        const running = new Promise<number>((resolve) => this.waiting.set(name, resolve));
        const startedMs = performance.now();
        await pods.create(sleeper(name, this.namespace));
        return (await running) - startedMs;
      }),
    );
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.watching;
  }

  private async follow(resourceVersion: string): Promise<void> {
    const { namespace } = this;
    const events = this.client
      .resource(PODS)
      .watch({ namespace, resourceVersion, signal: this.ending.signal });
    for await (const event of events)
      if (event.type === "MODIFIED" && event.object.status?.phase === "Running")
        this.waiting.get(event.object.metadata.name)?.(performance.now());
  }
}

function sleeper(name: string, namespace: string): NewObject<Pod> {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "main", image: BUSYBOX_IMAGE, command: ["sleep", "1000"] }],
    },
  };
}
