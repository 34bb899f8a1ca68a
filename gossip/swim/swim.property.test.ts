import fc from "fast-check";
import t from "tap";
import { SeededRandom } from "../../base/random.js";
import { mergeClaims, type Claim } from "./precedence.js";
import { Swim } from "./swim.js";
import { SWIM_DEFAULTS, type SwimMessage, type Update } from "./types.js";

const NAMES = ["a", "b", "c", "d"];

const anyUpdate: fc.Arbitrary<Update> = fc
  .record({
    type: fc.constantFrom("alive" as const, "suspect" as const, "dead" as const, "left" as const),
    name: fc.constantFrom("self", ...NAMES),
    incarnation: fc.integer({ min: 0, max: 4 }),
    from: fc.constantFrom(...NAMES),
  })
  .map(({ type, name, incarnation, from }) => {
    if (type === "alive") return { type, name, incarnation, address: `at ${name}` };
    return type === "left" ? { type, name, incarnation } : { type, name, incarnation, from };
  });

const anyMessage: fc.Arbitrary<SwimMessage> = fc
  .record({
    type: fc.constantFrom("gossip" as const, "ping" as const, "state" as const),
    updates: fc.array(anyUpdate, { maxLength: 4 }),
  })
  .map(({ type, updates }) => {
    if (type === "ping") return { type, seq: 1, updates };
    return type === "state" ? { type, want: [], updates } : { type, updates };
  });

const anyStep = fc.record({
  from: fc.constantFrom(...NAMES),
  message: anyMessage,
  waitMs: fc.integer({ min: 0, max: 9_000 }),
});

function start(): Swim {
  const config = { ...SWIM_DEFAULTS, self: { name: "self", address: "here" } };
  return new Swim(config, new SeededRandom(1), { incarnation: 0, nowMs: 0 });
}

/** Does what falls due up to a time. */
function runTo(swim: Swim, untilMs: number): void {
  while (swim.dueMs <= untilMs) swim.tick(swim.dueMs);
}

t.test("an incarnation never goes back, and no member calls itself anything but alive", (t) => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
      const swim = start();
      const seen = new Map<string, number>();
      let nowMs = 0;
      for (const { from, message, waitMs } of steps) {
        nowMs += waitMs;
        runTo(swim, nowMs);
        swim.step(from, message, nowMs);
        for (const { name, incarnation } of swim.members()) {
          if (incarnation < (seen.get(name) ?? 0)) return false;
          seen.set(name, incarnation);
        }
        if (swim.member("self")?.state !== "alive") return false;
        if (swim.member("self")?.incarnation !== swim.incarnation) return false;
      }
      return true;
    }),
  );
  t.pass("whatever is said");
  t.end();
});

t.test("the neighbours are those that live, as long as they are few", (t) => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
      const swim = start();
      let nowMs = 0;
      for (const { from, message, waitMs } of steps) {
        nowMs += waitMs;
        runTo(swim, nowMs);
        swim.step(from, message, nowMs);
        const live = [...swim.members()]
          .filter(({ name, state }) => name !== "self" && state !== "dead" && state !== "left")
          .map(({ name }) => name);
        const isSame = new Set([...live, ...swim.neighbours()]).size === live.length;
        if (!isSame || swim.neighbours().length !== live.length) return false;
        if (swim.liveCount !== live.length + 1) return false;
      }
      return true;
    }),
  );
  t.pass("whatever is said");
  t.end();
});

t.test("no verdict without a time in which it can be refuted", (t) => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
      const swim = start();
      const suspectedMs = new Map<string, number>();
      const isGone = new Set<string>();
      let nowMs = 0;
      for (const { from, message } of steps) {
        nowMs += 700;
        runTo(swim, nowMs);
        swim.step(from, message, nowMs);
        for (const { type, name } of swim.take().events) {
          const isVerdict = type === "dead" && !isGone.has(name);
          const waitedMs = nowMs - (suspectedMs.get(name) ?? nowMs);
          const shortestMs = SWIM_DEFAULTS.suspicionMult * SWIM_DEFAULTS.protocolPeriodMs;
          if (isVerdict && waitedMs < shortestMs - 700) return false;
          if (type === "suspect") suspectedMs.set(name, nowMs);
          if (type === "dead" || type === "left") isGone.add(name);
          if (type === "alive") isGone.delete(name);
        }
      }
      return true;
    }),
  );
  t.pass("whatever is said");
  t.end();
});

t.test("what is held in the end does not depend on the order in which it was heard", (t) => {
  const spoken = anyUpdate.filter(({ name }) => name !== "self");
  const runs = fc
    .array(spoken, { maxLength: 12 })
    .chain((updates) =>
      fc.tuple(
        fc.shuffledSubarray(updates, { minLength: updates.length }),
        fc.shuffledSubarray(updates, { minLength: updates.length }),
      ),
    );
  fc.assert(
    fc.property(runs, (orders) => {
      const results = orders.map((updates) => {
        const swim = start();
        // They are known; who is not is not spoken of.
        const known: Update[] = NAMES.map((name) => ({
          type: "alive",
          name,
          incarnation: 0,
          address: "",
        }));
        swim.step("x", { type: "gossip", updates: [...known, ...updates] }, 1);
        return NAMES.map((name) => {
          const member = swim.member(name);
          // A verdict is told apart from a suspicion when its time is up only.
          return `${name} ${member?.incarnation} ${member?.state === "alive" ? "alive" : "blamed"}`;
        });
      });
      t.same(results[0], results[1]);
      const [updates] = orders;
      for (const [at, name] of NAMES.entries()) {
        const claims: Claim[] = updates
          .filter((update) => update.name === name)
          .map(({ type, incarnation }) => ({ state: type, incarnation }));
        const zero: Claim = { state: "alive", incarnation: 0 };
        const merged = claims.reduce(mergeClaims, zero);
        const blamed = merged.state === "alive" ? "alive" : "blamed";
        t.equal(results[0]?.[at], `${name} ${merged.incarnation} ${blamed}`);
      }
    }),
  );
  t.end();
});
