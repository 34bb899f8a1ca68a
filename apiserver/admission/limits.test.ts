import t from "tap";
import { usageOf } from "../../api/schema/quota/usage.js";
import type {
  LimitRangeItem,
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
} from "../../api/schema/types/core-v1.gen.js";
import { violationsOfClaim, violationsOfPod, withDefaultLimits } from "./limits.js";
import { addedUsage, chargeQuota, unstatedResources } from "./quota.js";

type Resources = { requests?: object; limits?: object };
const pod = (...resources: Resources[]): Pod =>
  ({
    metadata: { name: "p" },
    spec: { containers: resources.map((each, i) => ({ name: `c${i}`, resources: each })) },
  }) as unknown as Pod;
const said = (item: Omit<LimitRangeItem, "type">, of: Pod, type = "Container"): readonly string[] =>
  violationsOfPod(of, [{ ...item, type }]);
const sized = (request: string, limit: string): Pod =>
  pod({ requests: { cpu: request }, limits: { cpu: limit } });

// In the words of the reference, two spaces included.
const CASES: readonly [item: Omit<LimitRangeItem, "type">, of: Pod, text: string | null][] = [
  [{ min: { cpu: "100m" } }, sized("100m", "1"), null],
  [
    { min: { cpu: "100m" } },
    sized("50m", "1"),
    "minimum cpu usage per Container is 100m, but request is 50m",
  ],
  [
    { min: { cpu: "100m" } },
    pod({}),
    "minimum cpu usage per Container is 100m.  No request is specified",
  ],
  [{ max: { cpu: "1" } }, sized("1", "2"), "maximum cpu usage per Container is 1, but limit is 2"],
  [{ max: { cpu: "1" } }, pod({}), "maximum cpu usage per Container is 1.  No limit is specified"],
  [{ maxLimitRequestRatio: { cpu: "2" } }, sized("1", "2"), null],
  [
    { maxLimitRequestRatio: { cpu: "2" } },
    sized("1", "3"),
    "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000",
  ],
  [
    { maxLimitRequestRatio: { cpu: "2" } },
    pod({}),
    "cpu max limit to request ratio per Container is 2, but no request is specified or request is 0",
  ],
];

void t.test("limits of containers", (t) => {
  for (const [item, of, text] of CASES) t.strictSame(said(item, of), text === null ? [] : [text]);
  t.end();
});

void t.test(
  "limits of pods count their containers together, those of claims what they ask for",
  (t) => {
    const half = { requests: { cpu: "600m" }, limits: { cpu: "600m" } };
    t.strictSame(said({ max: { cpu: "1" } }, pod(half, half), "Pod"), [
      "maximum cpu usage per Pod is 1, but limit is 1200m",
    ]);
    const spec = { resources: { requests: { storage: "3Gi" } } };
    const claim = { spec } as unknown as PersistentVolumeClaim;
    const type = "PersistentVolumeClaim";
    const of = (item: Omit<LimitRangeItem, "type">) =>
      violationsOfClaim(claim, [{ ...item, type }]);
    t.strictSame(of({ min: { storage: "1Gi" }, max: { storage: "2Gi" } }), [
      "maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi",
    ]);
    t.end();
  },
);

void t.test("containers get the defaults where they say nothing", (t) => {
  const item = { type: "Container", default: { cpu: "1" }, defaultRequest: { cpu: "100m" } };
  const filled = withDefaultLimits(pod({}, { requests: { cpu: "200m" } }), [item]);
  t.match(filled.spec.containers, [
    { resources: { requests: { cpu: "100m" }, limits: { cpu: "1" } } },
    { resources: { requests: { cpu: "200m" }, limits: { cpu: "1" } } },
  ]);
  t.strictSame(filled.metadata.annotations, {
    "kubernetes.io/limit-ranger":
      "LimitRanger plugin set: cpu request for container c0; cpu limit for container c0; " +
      "cpu limit for container c1",
  });
  const whole = sized("1", "1");
  t.equal(withDefaultLimits(whole, [item]), whole, "one that says all stays as it is");
  t.end();
});

const quota = (hard: object, used: object): ResourceQuota =>
  ({ metadata: { name: "q" }, spec: { hard }, status: { hard, used } }) as unknown as ResourceQuota;
const added = (of: Pod) => addedUsage(usageOf({ group: "", resource: "pods" }, of, 0), null);

void t.test("a quota refuses with the numbers, or is charged", (t) => {
  const of = sized("500m", "1");
  t.strictSame(chargeQuota(quota({ pods: "2", cpu: "1" }, { pods: "2", cpu: "700m" }), added(of)), {
    ok: false,
    message:
      "exceeded quota: q, requested: cpu=500m,pods=1, used: cpu=700m,pods=2, limited: cpu=1,pods=2",
  });
  t.match(chargeQuota(quota({ pods: "2" }, { pods: "1" }), added(of)), {
    ok: true,
    quota: { status: { used: { pods: "2" } } },
  });
  t.strictSame(chargeQuota(quota({ secrets: "1" }, { secrets: "1" }), added(of)), {
    ok: true,
    quota: null,
  });
  t.strictSame(chargeQuota(quota({ pods: "2" }, {}), added(of)), {
    ok: false,
    message: "status unknown for quota: q, resources: pods",
  });
  t.end();
});

void t.test("a pod must state what a quota limits", (t) => {
  const limits = quota({ "limits.cpu": "1", "requests.memory": "1Gi", pods: "5" }, {});
  t.equal(
    unstatedResources(limits, pod({}, { limits: { cpu: "1" } })),
    "failed quota: q: must specify limits.cpu for: c0; requests.memory for: c0,c1",
  );
  t.equal(unstatedResources(quota({ pods: "5" }, {}), pod({})), null);
  t.end();
});
