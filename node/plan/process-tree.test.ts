import t from "tap";
import { descendantsOf, type ProcessLine } from "./process-tree.js";

const line = (pid: number, parentPid: number, ...args: string[]): ProcessLine => ({
  pid,
  parentPid,
  args,
});

void t.test("a process and all below it, children first", (t) => {
  const processes = [
    line(1, 0, "init"),
    line(10, 1, "shim", "ours"),
    line(20, 1, "shim", "another's"),
    line(11, 10, "runc"),
    line(12, 11, "runc", "init"),
    line(21, 20, "sleep"),
    line(13, 10, "sleep"),
  ];
  const pids = descendantsOf(processes, ({ args }) => args[1] === "ours");
  t.same(new Set(pids), new Set([10, 11, 12, 13]));
  t.equal(pids.at(-1), 10);
  t.ok(pids.indexOf(12) < pids.indexOf(11));
  t.same(
    descendantsOf(processes, () => false),
    [],
  );
  t.end();
});

void t.test("a listing that contradicts itself, since pids are used again, ends too", (t) => {
  const pids = descendantsOf([line(5, 6, "a"), line(6, 5, "b")], ({ pid }) => pid === 5);
  t.same(new Set(pids), new Set([5, 6]));
  t.end();
});
