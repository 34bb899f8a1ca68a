import t from "tap";
import { ApiError } from "../../api/client/api-error.js";
import type { ResourceClient } from "../../api/client/client-types.js";
import type { Node } from "../../api/schema/types/core-v1.gen.js";
import type { JsonObject } from "../../api/schema/wire-types.js";
import { ManualClock } from "../../base/clock.js";
import { NodePatches } from "./node-patches.js";

const signal = new AbortController().signal;

function node(name: string, uid = `${name}-1`): Node {
  return { metadata: { name, uid } } as Node;
}

/** Remembers what was sent; refuses what `refuses` says. */
function patchesTo(refuses: (text: string) => boolean = () => false): {
  readonly patches: NodePatches;
  readonly clock: ManualClock;
  readonly sent: [string, unknown][];
} {
  const sent: [string, unknown][] = [];
  const clock = new ManualClock();
  const patch = async (name: string, body: unknown): Promise<Node> => {
    sent.push([name, body]);
    if (refuses(JSON.stringify(body))) throw new ApiError("Invalid", "refused");
    return node(name);
  };
  const client = { patch } as unknown as ResourceClient<Node>;
  return { patches: new NodePatches(client, clock), clock, sent };
}

const TTL: JsonObject = { metadata: { annotations: { ttl: "0" } } };
const RANGE: JsonObject = { spec: { podCIDR: "10.1.0.0/24", podCIDRs: ["10.1.0.0/24"] } };

void t.test("what is said of a node at the same time is one write", async (t) => {
  const { patches, clock, sent } = patchesTo();
  const all = Promise.all([
    patches.patch(node("a"), TTL, signal),
    patches.patch(node("a"), RANGE, signal),
    patches.patch(node("b"), TTL, signal),
    patches.patch(node("a", "a-2"), TTL, signal),
  ]);
  t.same(sent, [], "the first waits for the others");
  clock.advance(5);
  await all;
  const annotations = { ttl: "0" };
  t.same(sent, [
    ["a", { metadata: { uid: "a-1", annotations }, ...RANGE }],
    ["b", { metadata: { uid: "b-1", annotations } }],
    ["a", { metadata: { uid: "a-2", annotations } }],
  ]);
  const later = patches.patch(node("a"), TTL, signal);
  clock.advance(5);
  await later;
  t.equal(sent.length, 4);
});

void t.test("who is refused is refused alone", async (t) => {
  const { patches, clock, sent } = patchesTo((text) => text.includes("podCIDR"));
  const ttl = patches.patch(node("a"), TTL, signal);
  const range = patches.patch(node("a"), RANGE, signal);
  const refused = t.rejects(range, new ApiError("Invalid", "refused"));
  clock.advance(5);
  await ttl;
  await refused;
  t.same(
    sent.slice(1).map(([, body]) => Object.keys(body as object).join()),
    ["metadata", "metadata,spec"],
  );
});
