import t from "tap";
import { judgeHashes } from "./scrub-plan.js";

t.test("most are right; where no majority agrees nobody is trusted", (t) => {
  const judge = (text: string) =>
    judgeHashes(text.split(" ").map((one) => ({ id: one.slice(0, 1), hash: one.slice(1) })));
  t.same(judge("ax bx cx"), { agreed: "x", differing: [] });
  t.same(judge("ax by cx"), { agreed: "x", differing: ["b"] });
  t.same(judge("ax bx"), { agreed: "x", differing: [] });
  t.same(judge("ax by"), { agreed: null, differing: ["a", "b"] });
  t.same(judge("ax by cz"), { agreed: null, differing: ["a", "b", "c"] });
  t.same(judge("ax by cx dy ex"), { agreed: "x", differing: ["b", "d"] });
  t.equal(judge("ax"), null, "alone it compares nothing");
  t.end();
});
