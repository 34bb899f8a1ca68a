import t from "tap";
import { selectorFromMap } from "../../api/machinery/selectors.js";
import { planClaim } from "./controller-ref.js";
import { ago, controlledBy, pod, replicaSet } from "./test-objects.js";

const mine = { ownerReferences: [controlledBy("ReplicaSet", "rs")] };
const theirs = { ownerReferences: [controlledBy("ReplicaSet", "other")] };
const otherLabels = { labels: { app: "x" } };
const going = { deletionTimestamp: ago(1) };

// Each line: what a pod is, and what becomes of it.
const cases: readonly [string, Parameters<typeof pod>[1], string][] = [
  ["its own", { meta: mine }, "owned"],
  ["its own, being deleted", { meta: { ...mine, ...going } }, "owned"],
  ["its own, no longer matching", { meta: { ...mine, ...otherLabels } }, "release"],
  ["nobody's, matching", {}, "adopt"],
  ["nobody's, matching, being deleted", { meta: going }, "none"],
  ["nobody's, not matching", { meta: otherLabels }, "none"],
  ["somebody else's, matching", { meta: theirs }, "none"],
];

void t.test("what is owned, adopted and released", (t) => {
  const selector = selectorFromMap({ app: "web" });
  for (const [why, facts, expected] of cases) {
    const plan = planClaim(replicaSet("rs", 1), selector, [pod("p", facts)]);
    const found = (["owned", "adopt", "release"] as const).filter((part) => plan[part].length > 0);
    t.strictSame(found, expected === "none" ? [] : [expected], why);
  }
  t.end();
});

void t.test("an owner that is being deleted takes and leaves nothing", (t) => {
  const owner = replicaSet("rs", 1, { meta: going });
  const pods = [pod("a"), pod("b", { meta: { ...mine, ...otherLabels } })];
  const plan = planClaim(owner, selectorFromMap({ app: "web" }), pods);
  t.strictSame(plan, { owned: [], adopt: [], release: [] });
  t.end();
});
