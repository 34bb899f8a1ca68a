import t from "tap";
import { CycleState } from "../framework/cycle-state.js";
import { podInfoOf } from "../framework/pod-info.js";
import { testNode, testPod, testSnapshot } from "../test-objects.js";
import { type MeasuredUsage, NodeUsage } from "./node-usage.js";

const SINCE = "2026-01-01T00:01:00Z";
const BEFORE = "2026-01-01T00:00:59Z";
const AFTER = "2026-01-01T00:01:01Z";
const GIB = 2 ** 30;

interface Case {
  readonly what: string;
  /** Null: nothing was measured. */
  readonly measured: Omit<MeasuredUsage, "sinceMs"> | null;
  /** When pods that ask for half of the node's CPU started there; null: not yet. */
  readonly pods?: readonly (string | null)[];
  readonly score: number;
}

const IDLE = { milliCpu: 0, memoryBytes: 0 };
/** Of a node with 4 cores and 8 GiB. */
const CASES: readonly Case[] = [
  { what: "idle, but for the pod itself", measured: IDLE, score: 93 },
  { what: "half", measured: { milliCpu: 2_000, memoryBytes: 4 * GIB }, score: 43 },
  { what: "CPU alone", measured: { milliCpu: 4_000, memoryBytes: 0 }, score: 49 },
  { what: "more than there is", measured: { milliCpu: 9_000, memoryBytes: 9 * GIB }, score: 0 },
  { what: "what it shows counts once", measured: IDLE, pods: [BEFORE], score: 93 },
  { what: "what started later counts besides", measured: IDLE, pods: [AFTER], score: 68 },
  { what: "and what has not started", measured: IDLE, pods: [null, AFTER], score: 49 },
  { what: "nothing measured: what pods ask for", measured: null, pods: [BEFORE], score: 68 },
];

for (const { what, measured, pods = [], score } of CASES)
  t.test(what, (t) => {
    const node = testNode("a");
    const running = pods.map((startTime, index) => ({
      ...testPod(`p${index}`, {
        requests: { cpu: "2", memory: "1" },
        spec: { nodeName: "a" },
      }),
      status: startTime === null ? {} : { startTime },
    }));
    const info = testSnapshot([node], running).node("a");
    const plugin = new NodeUsage((name) =>
      name !== "a" || measured === null ? null : { ...measured, sinceMs: Date.parse(SINCE) },
    );
    const asks = podInfoOf(testPod("new", { requests: { cpu: "500m", memory: "1" } }));
    if (info === undefined) throw new Error("the node is not in the snapshot");
    t.equal(plugin.score(new CycleState(), asks, info), score);
    t.end();
  });
