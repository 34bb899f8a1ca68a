import t from "tap";
import { type Operation, pairCalls } from "./history.js";

const at = (process: number, type: Operation["type"], time: number, f = "write"): Operation => ({
  process,
  type,
  f,
  key: "k",
  value: null,
  time,
});

void t.test("invocations meet their completions; what never ends is open", (t) => {
  const calls = pairCalls([
    at(1, "invoke", 1),
    at(2, "invoke", 2),
    at(1, "ok", 3),
    at(3, "invoke", 4),
    at(2, "info", 5),
  ]);
  t.same(
    calls.map(({ process, outcome, startNs, endNs }) => [process, outcome, startNs, endNs]),
    [
      [1, "ok", 1, 3],
      [2, "info", 2, Number.POSITIVE_INFINITY],
      [3, "info", 4, Number.POSITIVE_INFINITY],
    ],
  );
  t.end();
});

void t.test("what is no history is refused", (t) => {
  const wrong: readonly (readonly Operation[])[] = [
    [at(1, "ok", 1)],
    [at(1, "invoke", 1), at(1, "invoke", 2)],
    [at(1, "invoke", 2), at(1, "ok", 1)],
    [at(1, "invoke", 1), at(1, "ok", 2, "read")],
    [at(1, "invoke", 1), at(1, "info", 2), at(1, "invoke", 3)],
  ];
  for (const history of wrong) t.throws(() => pairCalls(history), { code: "MalformedHistory" });
  t.end();
});
