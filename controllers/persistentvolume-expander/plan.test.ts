import t from "tap";
import { LOCAL_PATH_PROVISIONER, PROVISIONED_BY } from "../../api/schema/storage/storage-names.js";
import { testClaim, testVolume } from "../../api/schema/storage/test-volumes.js";
import { planExpansion } from "./plan.js";

void t.test("a claim that asks for more", (t) => {
  const claim = (wanted: string, has: string, phase = "Bound") =>
    testClaim("c", {
      spec: { resources: { requests: { storage: wanted } }, volumeName: "v" },
      status: { phase, capacity: { storage: has } },
    });
  const volume = (size: string, provisioner = LOCAL_PATH_PROVISIONER, uid = "c") =>
    testVolume("v", {
      meta: { annotations: { [PROVISIONED_BY]: provisioner } },
      spec: { capacity: { storage: size }, claimRef: { namespace: "default", name: "c", uid } },
    });
  const grown = { volume: { spec: { capacity: { storage: "2Gi" } } } };
  const status = { capacity: { storage: "2Gi" }, phase: "Bound" };
  const cases: readonly [string, ReturnType<typeof planExpansion>, object][] = [
    ["it has it", planExpansion(claim("1Gi", "1024Mi"), volume("1Gi")), { action: "none" }],
    ["it grows", planExpansion(claim("2Gi", "1Gi"), volume("1Gi")), { ...grown, status }],
    [
      "a leader died between the two",
      planExpansion(claim("2Gi", "1Gi"), volume("2Gi")),
      { action: "expand", volume: null, status },
    ],
    [
      "the volume is larger already",
      planExpansion(claim("2Gi", "1Gi"), volume("5Gi")),
      { volume: null, status: { capacity: { storage: "5Gi" } } },
    ],
    [
      "somebody else's volume",
      planExpansion(claim("2Gi", "1Gi"), volume("1Gi", "csi.example.com")),
      { action: "leave" },
    ],
    ["not bound", planExpansion(claim("2Gi", "1Gi", "Pending"), volume("1Gi")), { action: "none" }],
    ["its volume is not there", planExpansion(claim("2Gi", "1Gi"), undefined), { action: "none" }],
    [
      "nor its own",
      planExpansion(claim("2Gi", "1Gi"), volume("1Gi", LOCAL_PATH_PROVISIONER, "other")),
      { action: "none" },
    ],
  ];
  for (const [name, plan, wanted] of cases) t.match(plan, wanted, name);
  t.end();
});
