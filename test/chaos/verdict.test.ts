import t from "tap";
import { checkResult } from "./checkers/check-result.js";
import { call } from "./checkers/planted.js";
import type { Fault } from "./nemeses/nemesis.js";
import { exitCodeOf, judge, OK_OPERATIONS_MIN, type VerdictInput } from "./verdict.js";

const enough = Array.from({ length: OK_OPERATIONS_MIN }, () => call("read", [0, 1], {}));
const fault: Fault = {
  nemesis: "kill",
  targets: ["server-1"],
  bit: true,
  evidence: "pid 1 ended",
  startNs: 0,
  endNs: 1,
};
const violation = {
  kind: "lost",
  key: "k",
  message: "it is gone",
  calls: [call("read", [2e9, 3e9], {}), call("read", [5e9, 6e9], { outcome: "info" })],
};
const good: VerdictInput = {
  seed: 1,
  seconds: 120,
  workloads: [{ name: "register", calls: enough, result: checkResult([], [], { keys: 1 }) }],
  nemeses: ["kill"],
  faults: [fault],
  replicas: { valid: true, evidence: "equal" },
  casualties: [],
  doubts: [],
};
const ofRegister = (result: VerdictInput["workloads"][number]["result"]): VerdictInput => ({
  ...good,
  workloads: [{ name: "register", calls: enough, result }],
});

void t.test("valid when every promise held, every nemesis bit and enough was done", (t) => {
  const verdict = judge(good);
  t.equal(verdict.valid, true);
  t.equal(exitCodeOf(verdict), 0);
  t.same(verdict.nemeses, { kill: { attacks: 1, bit: 1 } });
  t.equal(verdict.workloads["register"]?.ok, OK_OPERATIONS_MIN);
  t.end();
});

void t.test("inconclusive runs are unknown and exit 5", (t) => {
  const [register] = good.workloads;
  const few = register === undefined ? [] : [{ ...register, calls: enough.slice(1) }];
  const cases: readonly [string, VerdictInput][] = [
    ["too few operations", { ...good, workloads: few }],
    ["a nemesis that never bit", { ...good, faults: [{ ...fault, bit: false }] }],
    ["a nemesis that never came", { ...good, nemeses: ["kill", "pause"] }],
    ["a checker that could not decide", ofRegister(checkResult([], ["took too long"], {}))],
    ["replicas that could not be asked", { ...good, replicas: { valid: "unknown", evidence: "" } }],
    ["another doubt", { ...good, doubts: ["no calm"] }],
  ];
  for (const [name, input] of cases) {
    const verdict = judge(input);
    t.equal(verdict.valid, "unknown", name);
    t.equal(verdict.inconclusive.length, 1, name);
    t.equal(exitCodeOf(verdict), 5, name);
  }
  t.end();
});

void t.test("a broken promise outweighs every doubt, and shows its window", (t) => {
  const verdict = judge({
    ...ofRegister(checkResult([violation], ["and a doubt"], {})),
    faults: [],
  });
  t.equal(verdict.valid, false);
  t.equal(exitCodeOf(verdict), 1);
  t.match(verdict.workloads["register"]?.smallestFailingWindow, {
    kind: "lost",
    startSeconds: 2,
    endSeconds: 5,
  });
  const many = [...Array.from({ length: 9 }, () => violation), { ...violation, kind: "order" }];
  const shown = judge(ofRegister(checkResult(many, [], {}))).workloads["register"];
  t.equal(shown?.violationCount, 10);
  t.same(
    shown?.violations.map(({ kind }) => kind),
    ["lost", "lost", "lost", "lost", "order"],
    "some of each kind",
  );
  const differ = judge({ ...good, replicas: { valid: false, evidence: "they differ" } });
  t.equal(exitCodeOf(differ), 1);
  const dead = judge({ ...good, casualties: ["power-loss: server-1 ended"] });
  t.equal(exitCodeOf(dead), 1, "a server that does not come back");
  t.end();
});
