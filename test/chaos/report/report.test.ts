import t from "tap";
import { checkResult } from "../checkers/check-result.js";
import { call } from "../checkers/planted.js";
import { judge, type VerdictInput } from "../verdict.js";
import { renderReport } from "./report.js";
import { seriesOf } from "./series.js";

const calls = Array.from({ length: 50 }, (_, i) => call("read", [i * 1e8, i * 1e8 + 2e6], {}));
const lost = call("append", [1e9, 1.1e9], { input: { element: "<b>&" } });
const input: VerdictInput = {
  seed: 3,
  seconds: 5,
  workloads: [
    {
      name: "append",
      calls: [...calls, lost],
      result: checkResult(
        [{ kind: "lost", key: "list-0", message: "<b>& is gone", calls: [lost] }],
        [],
        { keys: 1 },
      ),
    },
  ],
  nemeses: ["kill", "pause"],
  faults: [
    {
      nemesis: "kill",
      targets: ["server-1"],
      bit: true,
      evidence: "pid 1 ended",
      startNs: 1e9,
      endNs: 2e9,
    },
  ],
  replicas: { valid: true, evidence: "equal" },
  casualties: [],
  doubts: [],
};

void t.test("one file that tells verdict, window, faults and needs no other", (t) => {
  const verdict = judge(input);
  const options = { servers: 1, nodes: 0 };
  const html = renderReport({ ...input, verdict, endNs: 5e9, options });
  for (const text of ["broken", "1.000 s to 1.100 s", "pid 1 ended", "Never came: pause", "<svg"])
    t.match(html, text);
  t.notMatch(html, /(src|href)="(?!#)/, "no address of anything else");
  t.notMatch(html, "<b>& is gone", "what clients wrote is text");
  t.match(html, "&lt;b&gt;&amp; is gone");
  t.end();
});

void t.test("rates and latencies by time; what waits by nature is left out", (t) => {
  const unknown = call("write", [0.2e9, 0.3e9], { outcome: "info" });
  const watch = call("watch", [0, 4e9], {});
  const buckets = seriesOf([...calls, unknown, watch], 5);
  t.equal(buckets.length, 10, "of half a second");
  t.same(buckets[1], {
    startSeconds: 0.5,
    ok: 10,
    fail: 0,
    info: 0,
    latency: { p50: 2, p99: 2, max: 2 },
  });
  t.equal(buckets[0]?.info, 2, "when it began");
  t.equal(seriesOf([], 5)[0]?.latency, null);
  t.end();
});
