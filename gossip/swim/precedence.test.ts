import fc from "fast-check";
import t from "tap";
import { isLive, mergeClaims, overrides, type Claim } from "./precedence.js";

const claim = fc.record({
  incarnation: fc.integer({ min: 0, max: 5 }),
  state: fc.constantFrom("alive" as const, "suspect" as const, "dead" as const, "left" as const),
});

t.test("merging is commutative, associative and idempotent", (t) => {
  fc.assert(
    fc.property(claim, claim, claim, (a, b, c) => {
      t.same(mergeClaims(a, b), mergeClaims(b, a));
      t.same(mergeClaims(mergeClaims(a, b), c), mergeClaims(a, mergeClaims(b, c)));
      t.same(mergeClaims(a, a), a);
    }),
  );
  t.end();
});

t.test("an incarnation never goes back", (t) => {
  fc.assert(
    fc.property(claim, claim, (a, b) => {
      t.ok(mergeClaims(a, b).incarnation >= Math.max(a.incarnation, b.incarnation));
    }),
  );
  t.end();
});

t.test("SWIM §4.2: order of preference", (t) => {
  const cases: readonly [Claim["state"], number, Claim["state"], number, boolean][] = [
    // {Alive Ml, inc=i} overrides {Suspect Ml, inc=j}, i > j, and {Alive Ml, inc=j}, i > j.
    ["alive", 2, "suspect", 1, true],
    ["alive", 1, "suspect", 1, false],
    ["alive", 2, "alive", 1, true],
    ["alive", 1, "alive", 1, false],
    // {Suspect Ml, inc=i} overrides {Suspect Ml, inc=j}, i > j, and {Alive Ml, inc=j}, i >= j.
    ["suspect", 2, "suspect", 1, true],
    ["suspect", 1, "suspect", 1, false],
    ["suspect", 1, "alive", 1, true],
    ["suspect", 1, "alive", 2, false],
    // {Confirm Ml} overrides both at its incarnation.
    ["dead", 1, "suspect", 1, true],
    ["dead", 1, "alive", 1, true],
    ["dead", 1, "alive", 2, false],
    ["alive", 2, "dead", 1, true],
    ["left", 1, "dead", 1, true],
  ];
  for (const [state, incarnation, known, knownIncarnation, expected] of cases)
    t.equal(
      overrides({ state, incarnation }, { state: known, incarnation: knownIncarnation }),
      expected,
      `${state} ${incarnation} over ${known} ${knownIncarnation}`,
    );
  t.same(
    (["alive", "suspect", "dead", "left"] as const).filter((state) =>
      isLive({ state, incarnation: 1 }),
    ),
    ["alive", "suspect"],
  );
  t.end();
});
