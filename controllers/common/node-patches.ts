import type { ResourceClient } from "../../api/client/client-types.js";
import type { Node } from "../../api/schema/types/core-v1.gen.js";
import type { JsonObject, JsonValue } from "../../api/schema/wire-types.js";
import type { Clock } from "../../base/clock.js";

/** How long a patch waits for others of the same node. */
const TOGETHER_MS = 5;

interface Waiting {
  readonly change: JsonObject;
  readonly signal: AbortSignal;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Merge patches of Nodes by several loops. What they have to say of one node at the same time is
 * one write: every write of a Node is sent to all who watch it, and each new one is written to by
 * more than one loop at once.
 */
export class NodePatches {
  private readonly nodes: ResourceClient<Node>;
  private readonly clock: Clock;
  private readonly waiting = new Map<string, Waiting[]>();

  constructor(nodes: ResourceClient<Node>, clock: Clock) {
    this.nodes = nodes;
    this.clock = clock;
  }

  /**
   * Patches the node if it still is this one. Loops must not speak of the same field. Rejects as a
   * patch does; what is wrong with one loop's change does not fail the others'.
   */
  patch({ metadata }: Node, change: JsonObject, signal: AbortSignal): Promise<void> {
    const { name, uid } = metadata;
    const key = `${name}/${uid}`;
    return new Promise((resolve, reject) => {
      const one = { change, signal, resolve, reject };
      const others = this.waiting.get(key);
      if (others !== undefined) return void others.push(one);
      this.waiting.set(key, [one]);
      this.clock.schedule(TOGETHER_MS, () => {
        const all = this.waiting.get(key) ?? [];
        this.waiting.delete(key);
        void this.send({ name, uid }, all);
      });
    });
  }

  private async send(
    node: { readonly name: string; readonly uid: string },
    all: readonly Waiting[],
  ): Promise<void> {
    const [first] = all;
    if (first === undefined) return;
    const { name, uid } = node;
    const changes = all.map(({ change }) => change);
    const patch = [{ metadata: { uid } }, ...changes].reduce(merged);
    try {
      await this.nodes.patch(name, patch, { type: "merge", signal: first.signal });
      for (const { resolve } of all) resolve();
    } catch (error) {
      if (all.length === 1) first.reject(error);
      else await Promise.all(all.map((one) => this.send(node, [one])));
    }
  }
}

/** One merge patch that does what two do that have no field in common. */
function merged(a: JsonObject, b: JsonObject): JsonObject {
  const both: Record<string, JsonValue | undefined> = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const known = both[name];
    both[name] = isObject(known) && isObject(value) ? merged(known, value) : value;
  }
  return both;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
