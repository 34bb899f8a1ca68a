import t from "tap";
import type { Call } from "../history.js";
import { smallestWindow } from "./check-result.js";
import { call, kindsOf, version } from "./planted.js";
import { checkRegister } from "./register-checker.js";

/** 300 reads and writes by one client, one after the other, on one key. */
function longHistory(): Call[] {
  const calls = [call("create", [0, 1], { input: { value: "v0" }, output: version(10) })];
  for (let i = 1; i < 150; i += 1) {
    const input = { value: `v${i}` };
    calls.push(call("write", [4 * i, 4 * i + 1], { input, output: version(10 + i) }));
    const output = version(10 + i, { value: `v${i}` });
    calls.push(call("read", [4 * i + 2, 4 * i + 3], { output }));
  }
  return calls;
}

void t.test("a good history is valid", (t) => {
  const result = checkRegister(longHistory());
  t.equal(result.valid, true);
  t.same(result.counts, { keys: 1, calls: 299 });
  t.end();
});

void t.test("a lost write is found, and its smallest window", (t) => {
  const calls = longHistory();
  // A read that sees what was there before an acknowledged write, long after it.
  const stale = call("read", [402, 403], { output: version(109, { value: "v99" }) });
  const at = calls.findIndex(({ startNs }) => startNs === 402);
  calls[at] = stale;
  const result = checkRegister(calls);
  t.same(kindsOf(result), ["not-linearizable"]);
  const window = smallestWindow(result.violations);
  t.ok(
    window !== null && window.startNs >= 396 && window.endNs <= 403,
    "of the write and the read",
  );
  t.ok((window?.violation.calls.length ?? 99) <= 3);
  t.ok(window?.violation.calls.includes(stale));
  t.end();
});

void t.test("an unknown write that is read counts from then on", (t) => {
  const unknown = call("write", [2, 3], { input: { value: "b" }, outcome: "info" });
  const calls = [
    call("create", [0, 1], { input: { value: "a" }, output: version(1) }),
    unknown,
    call("read", [10, 11], { output: version(7, { value: "b" }) }),
  ];
  t.equal(checkRegister(calls).valid, true);
  const back = call("read", [12, 13], { output: version(1, { value: "a" }) });
  t.same(kindsOf(checkRegister([...calls, back])), ["not-linearizable"]);
  t.end();
});

void t.test("planted: refusals that cannot be, versions with two values", (t) => {
  const created = call("create", [0, 1], { input: { value: "a" }, output: version(5) });
  const cas = (outcome: "ok" | "fail", output: Call["output"]): Call =>
    call("cas", [2, 3], { input: { expected: "5", value: "b" }, outcome, output });
  const wrongConflict = cas("fail", { reason: "Conflict" });
  t.same(kindsOf(checkRegister([created, wrongConflict])), ["not-linearizable"]);
  t.equal(checkRegister([created, cas("fail", { reason: "Timeout" })]).valid, true);
  const gone = call("read", [2, 3], { output: { version: "", value: "" } });
  t.same(kindsOf(checkRegister([created, gone])), ["not-linearizable"], "it is gone");
  const other = call("read", [2, 3], { output: version(5, { value: "x" }) });
  t.same(kindsOf(checkRegister([created, other])), ["contradiction"]);
  const back = cas("ok", version(4));
  t.same(kindsOf(checkRegister([created, back])), ["not-linearizable"], "a version went back");
  t.end();
});

void t.test("keys are judged by themselves; one without a verdict is unknown", (t) => {
  const good = call("create", [0, 1], { key: "good", input: { value: "a" }, output: version(1) });
  const lateOnB: Call[] = [
    call("create", [0, 1], { key: "b", input: { value: "w" }, output: version(1) }),
  ];
  for (let i = 0; i < 40; i += 1)
    lateOnB.push(call("write", [2, 3], { key: "b", input: { value: `w${i}` }, outcome: "info" }));
  lateOnB.push(call("read", [5, 6], { key: "b", output: version(99, { value: "nobody's" }) }));
  let isLate = false;
  const result = checkRegister([good, ...lateOnB], {
    isLate: () => isLate,
    restart: () => {
      isLate = true;
    },
  });
  t.equal(result.valid, "unknown");
  t.equal(result.undecided.length, 1);
  t.end();
});
