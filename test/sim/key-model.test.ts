import t from "tap";
import { SeededRandom } from "../../base/random.js";
import { explainNotLinearizable, type KeyEffect, type KeyOperation } from "./key-model.js";

function at(invokedAt: number, returnedAt: number, effect: KeyEffect): KeyOperation {
  return { invokedAt, returnedAt, effect };
}
const put = (value: string): KeyEffect => ({ kind: "put", value });
const read = (found: string | null): KeyEffect => ({ kind: "read", found });
const NEVER = Number.POSITIVE_INFINITY;

const CASES: readonly {
  readonly name: string;
  readonly operations: readonly KeyOperation[];
  readonly holds: boolean;
}[] = [
  { name: "nothing", operations: [], holds: true },
  { name: "read your write", operations: [at(1, 2, put("a")), at(3, 4, read("a"))], holds: true },
  { name: "stale read", operations: [at(1, 2, put("a")), at(3, 4, read(null))], holds: false },
  {
    name: "a read while a write runs may see either",
    operations: [at(1, 5, put("a")), at(2, 3, read(null)), at(4, 6, read("a"))],
    holds: true,
  },
  {
    name: "but not go back",
    operations: [at(1, 9, put("a")), at(2, 3, read("a")), at(4, 5, read(null))],
    holds: false,
  },
  {
    name: "an unanswered write may happen late",
    operations: [at(1, NEVER, put("a")), at(2, 3, read(null)), at(4, 5, read("a"))],
    holds: true,
  },
  {
    name: "a lost write",
    operations: [at(1, 2, put("a")), at(3, 4, put("b")), at(5, 6, read("a"))],
    holds: false,
  },
  {
    name: "two winners of one comparison",
    operations: [
      at(1, 2, put("a")),
      at(3, 6, { kind: "cas", expected: "a", value: "b", succeeded: true, found: null }),
      at(4, 5, { kind: "cas", expected: "a", value: "c", succeeded: true, found: null }),
    ],
    holds: false,
  },
  {
    name: "a delete that says it found nothing",
    operations: [at(1, 2, put("a")), at(3, 4, { kind: "delete", existed: false })],
    holds: false,
  },
];

for (const { name, operations, holds } of CASES)
  void t.test(name, async (t) => {
    const why = explainNotLinearizable(operations);
    t.equal(why === null, holds, why ?? "linearizable");
  });

/** A register that answers each operation somewhere within its time; one answer may be falsified. */
function history(random: SeededRandom, isFalsified: boolean): KeyOperation[] {
  const count = 40;
  const moments = Array.from({ length: count }, (_, i) => 10 * i + random.below(10));
  let state: string | null = null;
  const operations = moments.map((moment, i) => {
    const times = [moment - random.below(15), moment + random.below(15)] as const;
    if (random.chance(40)) {
      state = `v${i}`;
      return at(times[0], times[1] + 1, put(state));
    }
    return at(times[0], times[1] + 1, read(state));
  });
  if (!isFalsified) return operations;
  // Somebody reads at the end what was overwritten long ago.
  operations.push(at(1000, 1001, put("last")), at(1002, 1003, read("v0")));
  return operations;
}

void t.test("accepts every history of a register, and no falsified one", async (t) => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const why = explainNotLinearizable(history(new SeededRandom(seed), false));
    if (why !== null) t.fail(`seed ${seed}: ${why}`);
    if (explainNotLinearizable(history(new SeededRandom(seed), true)) === null)
      t.fail(`seed ${seed}: accepted`);
  }
  t.pass();
});
