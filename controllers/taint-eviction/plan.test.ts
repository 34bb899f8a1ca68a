import t from "tap";
import type { Taint, Toleration } from "../../api/schema/types/core-v1.gen.js";
import { ago, NOW_MS, pod } from "../common/test-objects.js";
import { disruptionCondition, evictionTimeMs, noExecuteTaints } from "./plan.js";

const UNREACHABLE: Taint = {
  key: "node.kubernetes.io/unreachable",
  effect: "NoExecute",
  timeAdded: ago(100),
};
const DEDICATED: Taint = { key: "dedicated", value: "gpu", effect: "NoExecute" };
const forUnreachable = (tolerationSeconds?: number): Toleration => ({
  key: UNREACHABLE.key,
  operator: "Exists",
  effect: "NoExecute",
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
});
const forDedicated = (tolerationSeconds?: number): Toleration => ({
  key: "dedicated",
  value: "gpu",
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
});

void t.test("when a pod has to leave", (t) => {
  const cases: readonly {
    name: string;
    taints: readonly Taint[];
    tolerations: readonly Toleration[];
    inSeconds: number | "now" | null;
  }[] = [
    { name: "no taint", taints: [], tolerations: [], inSeconds: null },
    {
      name: "pods that do not tolerate the taint are evicted immediately",
      taints: [UNREACHABLE],
      tolerations: [],
      inSeconds: "now",
    },
    {
      name: "pods that tolerate the taint without tolerationSeconds remain bound forever",
      taints: [UNREACHABLE],
      tolerations: [forUnreachable()],
      inSeconds: null,
    },
    {
      name: "pods that tolerate the taint remain bound for the specified amount of time",
      taints: [UNREACHABLE],
      tolerations: [forUnreachable(300)],
      inSeconds: 200,
    },
    {
      name: "that time is over",
      taints: [UNREACHABLE],
      tolerations: [forUnreachable(30)],
      inSeconds: -70,
    },
    {
      name: "zero and negative: immediately",
      taints: [UNREACHABLE],
      tolerations: [forUnreachable(-5)],
      inSeconds: -100,
    },
    {
      name: "a taint that does not say when: from when it was seen",
      taints: [DEDICATED],
      tolerations: [forDedicated(60)],
      inSeconds: 60,
    },
    {
      name: "of two taints one is not tolerated",
      taints: [UNREACHABLE, DEDICATED],
      tolerations: [forUnreachable(300)],
      inSeconds: "now",
    },
    {
      name: "of two times the shortest, of two beginnings the latest",
      taints: [UNREACHABLE, DEDICATED],
      tolerations: [forUnreachable(300), forDedicated(60)],
      inSeconds: 60,
    },
    {
      name: "for ever and for a while: a while",
      taints: [UNREACHABLE, DEDICATED],
      tolerations: [forUnreachable(), forDedicated(60)],
      inSeconds: 60,
    },
    {
      name: "everything is tolerated",
      taints: [UNREACHABLE, DEDICATED],
      tolerations: [{ operator: "Exists" }],
      inSeconds: null,
    },
    {
      name: "the first toleration that matches counts",
      taints: [UNREACHABLE],
      tolerations: [{ operator: "Exists" }, forUnreachable(5)],
      inSeconds: null,
    },
  ];
  for (const { name, taints, tolerations, inSeconds } of cases) {
    const subject = pod("p", { spec: { tolerations } });
    const wanted = inSeconds === null ? null : inSeconds === "now" ? 0 : NOW_MS + inSeconds * 1000;
    t.equal(evictionTimeMs(subject, taints, NOW_MS), wanted, name);
  }
  t.end();
});

void t.test("only NoExecute ends pods", (t) => {
  const other: Taint = { key: "a", effect: "NoSchedule" };
  t.same(noExecuteTaints([other, DEDICATED]), [DEDICATED]);
  t.same(noExecuteTaints(undefined), []);
  t.end();
});

void t.test("why it ends", (t) => {
  t.match(disruptionCondition(NOW_MS), {
    type: "DisruptionTarget",
    status: "True",
    reason: "DeletionByTaintManager",
    lastTransitionTime: "2026-01-02T12:00:00Z",
  });
  t.end();
});
