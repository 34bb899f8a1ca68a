import t from "tap";
import { TestGroup } from "./test-group.js";
import type { SwimMessage } from "./types.js";

/** The longest suspicion in a group that small, and what it takes to begin and to tell. */
const LONG_MS = 60_000;

function typesSent(group: TestGroup, from: string): Set<SwimMessage["type"]> {
  return new Set(group.sent.filter((one) => one.from === from).map(({ message }) => message.type));
}

t.test("members learn of each other from one that they know", (t) => {
  const group = TestGroup.of(12);
  for (const [name, swim] of group.members) {
    t.equal(swim.liveCount, 12, name);
    t.equal(swim.member("m3")?.address, "at m3");
  }
  group.run(30_000);
  t.same(group.told, [], "and nothing happens");
  t.end();
});

t.test("SWIM §3.1: a crashed member is suspected, and declared by everybody", (t) => {
  const group = TestGroup.of(12);
  group.crash("m7");
  t.ok(group.runUntil(() => group.statesOf("m7").join() === "dead", LONG_MS));
  t.same(
    group.told.filter(({ name }) => name !== "m7"),
    [],
    "nobody else",
  );
  for (const by of group.members.keys()) {
    const own = group.told.filter((told) => told.by === by).map(({ type }) => type);
    t.same(own, ["suspect", "dead"], by);
  }
  t.end();
});

t.test("SWIM §3.1: a member that is not reached directly is pinged by k others", (t) => {
  const group = TestGroup.of(8);
  const pair = ["m1", "m2"];
  group.drops = (from, to) => pair.includes(from) && pair.includes(to);
  group.run(40_000);
  t.same(group.told, []);
  t.ok(typesSent(group, "m1").has("ping-req"));
  t.equal(group.of("m1").healthMultiplier, 1);
  t.end();
});

t.test("SWIM §4.2: a suspected member refutes, with an incarnation of its own", (t) => {
  const group = TestGroup.of(8);
  group.stop("m2");
  t.ok(group.runUntil(() => group.toldOf("m2").includes("suspect"), LONG_MS));
  group.resume("m2");
  t.ok(group.runUntil(() => group.statesOf("m2").join() === "alive", 3_000));
  t.ok(group.of("m2").incarnation > 0);
  t.notOk(group.toldOf("m2").includes("dead"));
  const incarnations = [...group.members.values()].map((one) => one.member("m2")?.incarnation);
  t.same(new Set(incarnations), new Set([group.of("m2").incarnation]));
  t.end();
});

t.test("what is said of an earlier incarnation is passed over", (t) => {
  const group = TestGroup.of(5);
  const suspect = { type: "suspect", name: "m1", incarnation: 0, from: "m3" } as const;
  group.say("m3", "m2", { type: "gossip", updates: [suspect] });
  t.equal(group.state("m2", "m1"), "suspect");
  t.ok(group.runUntil(() => group.state("m2", "m1") === "alive", 3_000));
  group.told.length = 0;
  for (const type of ["suspect", "dead"] as const)
    group.say("m3", "m2", { type: "gossip", updates: [{ ...suspect, type }] });
  group.run(1_000);
  t.notOk(group.toldOf("m1").some((type) => type !== "alive"));
  t.end();
});

t.test("what others call dead can refute that", (t) => {
  const group = TestGroup.of(5);
  const update = { type: "dead", name: "m1", incarnation: 0, from: "m3" } as const;
  group.say("m3", "m2", { type: "gossip", updates: [update] });
  t.equal(group.state("m2", "m1"), "suspect", "a verdict by others is hearsay");
  group.run(LONG_MS);
  t.notOk(group.toldOf("m1").includes("dead"));
  t.equal(group.state("m2", "m1"), "alive");
  t.end();
});

t.test("goodbye is believed from the member itself alone", (t) => {
  const group = TestGroup.of(8);
  group.say("m3", "m2", {
    type: "gossip",
    updates: [{ type: "left", name: "m1", incarnation: 0 }],
  });
  group.run(LONG_MS);
  t.notOk(group.toldOf("m1").includes("left"));
  group.leave("m1");
  group.run(100);
  t.same(group.statesOf("m1"), ["left"]);
  group.crash("m1");
  t.end();
});

t.test("a member that comes back under its name is told that it is dead, and is not", (t) => {
  const group = TestGroup.of(6);
  group.crash("m4");
  t.ok(group.runUntil(() => group.statesOf("m4").join() === "dead", LONG_MS));
  group.start("m4");
  group.join("m4", "m0");
  t.ok(group.runUntil(() => group.statesOf("m4").join() === "alive", 5_000));
  t.equal(group.of("m4").incarnation, 1);
  t.end();
});

t.test("the dead are forgotten after a time", (t) => {
  const group = TestGroup.of(5, { forgetAfterMs: 20_000 });
  group.crash("m4");
  t.ok(group.runUntil(() => group.statesOf("m4").join() === "dead", LONG_MS));
  t.ok(group.runUntil(() => group.statesOf("m4").join() === "null", 30_000));
  group.run(60_000);
  t.same(group.statesOf("m4"), ["null"], "and nobody brings them back");
  t.end();
});

t.test("push-pull alone tells everybody of everybody", (t) => {
  const group = new TestGroup({ piggybackBytesMax: 0 });
  for (const name of ["m0", "m1", "m2", "m3"]) group.start(name);
  for (const name of ["m1", "m2", "m3"]) group.join(name, "m0");
  const all = [...group.members.values()];
  t.ok(group.runUntil(() => all.every(({ liveCount }) => liveCount === 4), 120_000));
  t.end();
});

t.test("equal tables cost a comparison only", (t) => {
  const group = TestGroup.of(6);
  group.run(120_000);
  const types = group.sent.map(({ message }) => message.type);
  t.ok(types.includes("push-pull"));
  t.notOk(types.includes("state"));
  t.end();
});

t.test("a partition heals: both sides take each other back", (t) => {
  const group = TestGroup.of(8);
  const side = (name: string): boolean => Number(name.slice(1)) < 4;
  group.drops = (from, to) => side(from) !== side(to);
  t.ok(group.runUntil(() => group.statesOf("m0").includes("dead"), LONG_MS));
  t.ok(group.runUntil(() => group.statesOf("m7").includes("dead"), LONG_MS));
  group.drops = () => false;
  // Nobody probes the dead: who was called dead has to speak up. One word is enough.
  group.join("m0", "m7");
  const all = [...group.members.keys()];
  const isWhole = (): boolean => all.every((name) => group.statesOf(name).join() === "alive");
  t.ok(group.runUntil(isWhole, 90_000));
  t.end();
});

t.test("Lifeguard §IV.A: a member that misses nacks takes more time, and recovers", (t) => {
  const group = TestGroup.of(8);
  group.drops = (from, to) => from === "m1" || to === "m1";
  group.run(10_000);
  t.ok(group.of("m1").healthMultiplier > 2, `${group.of("m1").healthMultiplier}`);
  t.equal(group.of("m3").healthMultiplier, 1, "nacks came: it is not at fault");
  group.drops = () => false;
  group.join("m1", "m0");
  t.ok(group.runUntil(() => group.of("m1").healthMultiplier === 1, 90_000));
  t.end();
});

t.test("a member that was stopped blames nobody", (t) => {
  const group = TestGroup.of(8);
  for (let turn = 0; turn < 20; turn += 1) {
    group.stop("m1");
    group.run(3_000);
    group.resume("m1");
    group.run(50);
  }
  const blamed = group.told.filter(({ by, type }) => by === "m1" && type !== "alive");
  t.same(
    blamed.filter(({ name }) => name !== "m1"),
    [],
  );
  t.notOk(group.toldOf("m1").includes("dead"));
  t.end();
});

t.test("a member that runs only now and then, and hears nothing, blames nobody", (t) => {
  const blamedBy = (stopsForMs: number): string[] => {
    const group = TestGroup.of(8);
    group.drops = (_from, to) => to === "m1";
    for (let turn = 0; turn < 60; turn += 1) {
      if (stopsForMs > 0) group.stop("m1");
      group.run(stopsForMs);
      if (stopsForMs > 0) group.resume("m1");
      group.run(200);
    }
    return group.told
      .filter(({ by, type }) => by === "m1" && type === "suspect")
      .map((it) => it.name);
  };
  t.same(blamedBy(700), [], "what it did not hear may wait to be read");
  t.not(blamedBy(0).length, 0, "one that runs all the time does");
  t.end();
});

t.test("a member without time for its messages tells news more slowly", (t) => {
  const group = TestGroup.of(8);
  group.drops = (from, to) => from === "m1" || to === "m1";
  group.run(10_000);
  const told = (by: string): number => {
    group.sent.length = 0;
    for (let i = 0; i < 10; i += 1) {
      const update = { type: "alive", name: `new-${i}`, incarnation: 0, address: "" } as const;
      group.say("m9", by, { type: "gossip", updates: [update] });
    }
    group.run(1_000);
    return group.sent.filter((it) => it.from === by && it.message.type === "gossip").length;
  };
  const [slow, healthy] = [told("m1"), told("m3")];
  t.ok(slow > 0 && slow * 2 < healthy, `${slow} messages, and ${healthy}`);
  t.end();
});

t.test("Lifeguard §IV.C: who is suspected hears of it with the next ping", (t) => {
  const group = TestGroup.of(5);
  const update = { type: "suspect", name: "m1", incarnation: 0, from: "m9" } as const;
  group.say("m9", "m2", { type: "gossip", updates: [update] });
  group.of("m2").probe("m1", group.nowMs);
  const [ping] = group.of("m2").take().messages;
  t.match(ping, { to: "m1", message: { type: "ping", updates: [update] } });
  t.end();
});

t.test("nobody answers for another, unless it was asked to ping it", (t) => {
  const group = TestGroup.of(6);
  group.crash("m1");
  const swim = group.of("m2");
  swim.probe("m1", group.nowMs);
  const pings = swim
    .take()
    .messages.flatMap(({ to, message }) =>
      to === "m1" && message.type === "ping" ? [message.seq] : [],
    );
  const [seq = 0] = pings;
  t.equal(pings.length, 1);
  const before = swim.lastHeardMs("m1");
  group.say("m3", "m2", { type: "ack", seq, updates: [] });
  t.equal(swim.lastHeardMs("m1"), before);
  t.ok(group.runUntil(() => group.state("m2", "m1") === "suspect", 5_000));
  t.end();
});

t.test("who is asked besides the round is known to be alive through others", (t) => {
  const group = TestGroup.of(6);
  group.drops = (from, to) => [from, to].every((name) => name === "m1" || name === "m2");
  const swim = group.of("m2");
  swim.probe("m1", group.nowMs);
  const startMs = group.nowMs;
  t.ok(group.runUntil(() => (swim.lastHeardMs("m1") ?? 0) > startMs, 1_000));
  t.end();
});

t.test("a link that breaks asks others at once", (t) => {
  const group = TestGroup.of(6);
  const swim = group.of("m2");
  swim.probe("m1", group.nowMs);
  swim.take();
  swim.unreachable("m1", group.nowMs);
  swim.tick(swim.dueMs);
  const asked = swim.take().messages.filter(({ message }) => message.type === "ping-req");
  t.equal(asked.length, 3);
  t.end();
});

t.test("what is told all at once is bounded", (t) => {
  const group = TestGroup.of(3);
  const swim = group.of("m1");
  const updates = Array.from({ length: 10_000 }, (_, i) => ({
    type: "alive" as const,
    name: `x${i}`,
    incarnation: 1,
    address: "somewhere",
  }));
  swim.step("m0", { type: "gossip", updates }, group.nowMs);
  swim.take();
  swim.step("m0", { type: "ping", seq: 1, updates: [] }, group.nowMs);
  const [ack] = swim.take().messages;
  t.ok((ack?.message.updates.length ?? 0) <= 20, "an ack carries what fits");
  swim.step("m0", { type: "push-pull", digests: [], updates: [] }, group.nowMs);
  const states = swim.take().messages;
  t.ok(states.length > 5, "a comparison comes in parts");
  const told = states.flatMap(({ message }) => message.updates);
  t.equal(new Set(told.map(({ name }) => name)).size, 10_003);
  t.ok(Math.max(...states.map(({ message }) => message.updates.length)) < 1_200);
  t.end();
});
