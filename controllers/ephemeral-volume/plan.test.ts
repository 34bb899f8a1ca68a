import t from "tap";
import { testClaim } from "../../api/schema/storage/test-volumes.js";
import type { PersistentVolumeClaim } from "../../api/schema/types/core-v1.gen.js";
import { controllerRef } from "../common/controller-ref.js";
import { pod } from "../common/test-objects.js";
import { planEphemeral } from "./plan.js";

const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
const template = { metadata: { labels: { type: "scratch" } }, spec };
const volumes = [
  { name: "scratch", ephemeral: { volumeClaimTemplate: template } },
  { name: "own", persistentVolumeClaim: { claimName: "p-own" } },
];
const subject = pod("p", { spec: { volumes } });

void t.test("claims of ephemeral volumes", (t) => {
  const plan = (present: readonly PersistentVolumeClaim[], of = subject) =>
    planEphemeral(of, (name) => present.find(({ metadata }) => metadata.name === name));
  t.match(plan([]).create, [
    {
      metadata: {
        name: "p-scratch",
        namespace: "default",
        labels: { type: "scratch" },
        ownerReferences: [{ kind: "Pod", uid: "p", controller: true, blockOwnerDeletion: true }],
      },
      spec,
    },
  ]);
  t.equal(plan([]).create.length, 1, "a claim that is named is somebody else's business");
  const owned = testClaim("p-scratch", { meta: { ownerReferences: [controllerRef(subject)] } });
  t.strictSame(plan([owned]), { create: [], conflicts: [] }, "it is there");
  t.strictSame(
    plan([testClaim("p-scratch")]).conflicts,
    [
      "ephemeral volume scratch: PVC default/p-scratch was not created for pod default/p " +
        "(pod is not owner)",
    ],
    "an existing claim of that name is not overwritten or modified",
  );
  const going = pod("p", {
    spec: { volumes },
    meta: { deletionTimestamp: "2026-01-01T00:00:00Z" },
  });
  t.strictSame(plan([], going), { create: [], conflicts: [] });
  t.end();
});
