import { confStateOf } from "raft-ts";
import t from "tap";
import { type PeerView, planPromotion, refuseRemoval } from "./membership-plan.js";

function view(id: string, change: Partial<PeerView> = {}): PeerView {
  return { id, isReachable: true, isCaughtUp: true, ...change };
}

void t.test("one grows to three without passing through two", async (t) => {
  const conf = { ...confStateOf(["a"]), learners: ["b", "c"] };
  t.same(planPromotion(conf, [view("b"), view("c")]), ["b", "c"]);
  t.same(planPromotion(conf, [view("b"), view("c", { isCaughtUp: false })]), []);
  t.same(planPromotion(conf, [view("b"), view("c", { isReachable: false })]), []);
  t.same(planPromotion({ ...conf, learners: ["b"] }, [view("b")]), []);
});

void t.test("an even number of voters takes one learner, an odd one two", async (t) => {
  const two = { ...confStateOf(["a", "b"]), learners: ["c", "d"] };
  t.same(planPromotion(two, [view("c"), view("d")]), ["c"]);
  const three = { ...confStateOf(["a", "b", "c"]), learners: ["d", "e", "f"] };
  t.same(planPromotion(three, [view("d"), view("e"), view("f")]), ["d", "e"]);
  const joint = { ...two, votersOutgoing: ["a"], autoLeave: true };
  t.same(planPromotion(joint, [view("c")]), [], "one change at a time");
});

void t.test("a removal that would stop writes is refused", async (t) => {
  const conf = { ...confStateOf(["a", "b", "c"]), learners: ["d"] };
  const refuse = (id: string, peers: readonly PeerView[], force = false): string | null =>
    refuseRemoval(conf, id, { self: "a", peers, force });
  t.equal(refuse("b", [view("c")]), null);
  t.equal(refuse("c", [view("b"), view("c", { isReachable: false })]), null, "the dead one");
  const dead = [view("b"), view("c", { isReachable: false })];
  t.match(refuse("b", dead), /only 1 of the 2 voters/);
  t.match(refuse("b", [view("c", { isCaughtUp: false })]), /only 1 of the 2 voters/);
  t.equal(refuse("b", dead, true), null, "unless forced");
  t.equal(refuse("d", dead), null, "a learner decides nothing");
  const alone = confStateOf(["a"]);
  t.match(refuseRemoval(alone, "a", { self: "a", peers: [], force: true }), /the only voter/);
  const joint = { ...conf, votersOutgoing: ["a"], autoLeave: true };
  t.match(refuseRemoval(joint, "b", { self: "a", peers: [view("c")], force: true }), /under way/);
});
