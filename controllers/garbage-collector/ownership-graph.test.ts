import t from "tap";
import { type GraphNode, OwnershipGraph } from "./ownership-graph.js";
import { planDependent, planForeground } from "./plan.js";

function node(
  uid: string,
  owners: readonly string[] = [],
  more: Partial<GraphNode> = {},
): GraphNode {
  return {
    uid,
    apiVersion: "v1",
    kind: "X",
    namespace: "default",
    name: uid,
    owners: owners.map((owner) => reference(owner)),
    deleting: false,
    foreground: false,
    orphan: false,
    ...more,
  };
}
const reference = (uid: string, blockOwnerDeletion = true) => ({
  apiVersion: "v1",
  kind: "X",
  name: uid,
  uid,
  blockOwnerDeletion,
});
const going = { deleting: true, foreground: true };

void t.test("what is looked at when something changes", (t) => {
  const graph = new OwnershipGraph();
  t.strictSame(graph.upsert(node("owner")).attemptToDelete, []);
  t.strictSame(graph.upsert(node("child", ["owner"])).attemptToDelete, [], "its owner is there");
  t.strictSame(graph.upsert(node("lost", ["nobody"])).attemptToDelete, ["lost"]);
  t.strictSame(
    graph.upsert(node("far", ["owner"], { namespace: "other" })).attemptToDelete,
    ["far"],
    "an owner in another namespace is none",
  );
  graph.remove("far");
  t.strictSame(graph.upsert(node("owner", [], going)).attemptToDelete, ["owner", "child"]);
  t.strictSame(graph.upsert(node("child", [])).attemptToDelete, ["owner"], "it no longer blocks");
  graph.upsert(node("child", ["owner"]));
  t.strictSame(graph.remove("child").attemptToDelete, ["owner"], "its owner was waiting for it");
  graph.upsert(node("next", ["owner"]));
  t.strictSame(graph.remove("owner").attemptToDelete, ["next"], "its dependents may have to go");
  const orphaning = node("o", [], { deleting: true, orphan: true });
  t.strictSame(graph.upsert(orphaning).attemptToOrphan, ["o"]);
  t.end();
});

void t.test("after the first lists only what is out of order is looked at", (t) => {
  const graph = new OwnershipGraph();
  graph.upsert(node("child", ["owner"])); // Its owner is listed later.
  graph.upsert(node("lost", ["nobody"]));
  graph.upsert(node("owner"));
  graph.upsert(node("waiting", [], going));
  t.strictSame(graph.initialEffects().attemptToDelete, ["lost", "waiting"]);
  t.end();
});

const owners = (...states: readonly ("solid" | "dangling" | "waiting")[]) =>
  states.map((state) => ({ reference: reference(state), state }));

void t.test("the fate of a dependent", (t) => {
  const one = node("a");
  const plain = [node("d", ["a"])];
  t.match(planDependent(one, [], []), { action: "keep" });
  t.match(planDependent(one, owners("solid"), []), { action: "keep" });
  t.match(planDependent(one, owners("solid", "dangling"), []), {
    action: "release",
    ownerReferences: [{ uid: "solid" }],
  });
  t.match(planDependent(one, owners("solid", "waiting"), []), { action: "release" });
  t.match(planDependent(one, owners("dangling"), plain), {
    action: "delete",
    policy: "Background",
  });
  t.match(
    planDependent(one, owners("dangling", "waiting"), plain),
    { action: "delete", policy: "Foreground", unblock: false },
    "the owner's wish to go last holds for the whole tree",
  );
  t.match(planDependent(one, owners("waiting"), []), { action: "delete", policy: "Background" });
  t.match(
    planDependent(one, owners("waiting"), [node("d", ["a"], going)]),
    { action: "delete", policy: "Foreground", unblock: true },
    "a circle of waiting is broken",
  );
  t.match(planDependent(node("a", [], { orphan: true }), owners("dangling"), plain), {
    policy: "Orphan",
  });
  t.match(planDependent(node("a", [], { foreground: true }), owners("dangling"), plain), {
    policy: "Foreground",
  });
  t.end();
});

void t.test("an object that waits goes when nobody blocks it", (t) => {
  const one = node("a", [], going);
  t.strictSame(planForeground(one, []), { action: "finish" });
  const free = node("free", [], { owners: [reference("a", false)] });
  t.strictSame(planForeground(one, [free]), { action: "finish" }, "only blockOwnerDeletion blocks");
  const dying = node("dying", ["a"], { deleting: true });
  t.strictSame(planForeground(one, [node("b", ["a"]), dying]), { action: "wait", lookAt: ["b"] });
  t.end();
});
