import t from "tap";
import { describeDifference } from "./describe-difference.js";
import { semanticEqual } from "./semantic-equal.js";

void t.test("what means the same is equal", (t) => {
  const same: readonly (readonly [unknown, unknown])[] = [
    [{}, { hostNetwork: false }],
    [{ ports: [] }, {}],
    [{ labels: {} }, {}],
    [{ value: "" }, {}],
    [{ resources: { limits: {} } }, {}],
    [[{ a: 1 }], [{ a: 1 }]],
  ];
  for (const [a, b] of same)
    t.ok(semanticEqual(a, b) && semanticEqual(b, a), JSON.stringify([a, b]));
  const different: readonly (readonly [unknown, unknown])[] = [
    [{ replicas: 0 }, {}],
    [{ automountServiceAccountToken: false }, {}],
    [{ emptyDir: {} }, {}],
    [{ labelSelector: {} }, {}],
    [[1], [2]],
    [[1], [1, 2]],
    [{ a: 1 }, [1]],
  ];
  for (const [a, b] of different)
    t.notOk(semanticEqual(a, b) || semanticEqual(b, a), JSON.stringify([a, b]));
  t.end();
});

void t.test("differences by path", (t) => {
  const before = { a: { b: [1, 2] }, c: "x" };
  const after = { a: { b: [1, 3] }, d: true };
  t.equal(describeDifference(before, after), '- a.b[1]: 2\n+ a.b[1]: 3\n- c: "x"\n+ d: true');
  t.end();
});
