import t from "tap";
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  PROVISIONED_BY,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
} from "../../api/schema/storage/storage-names.js";
import { testClaim, testClass, testVolume } from "../../api/schema/storage/test-volumes.js";
import type {
  PersistentVolume,
  PersistentVolumeClaim,
} from "../../api/schema/types/core-v1.gen.js";
import type { StorageClass } from "../../api/schema/types/storage-v1.gen.js";
import type { BinderAction } from "./actions.js";
import { planClaim } from "./plan.js";
import { planVolume } from "./volume-plan.js";

/** What is done, a line a step. */
function lines(actions: readonly BinderAction[]): readonly string[] {
  return actions.map((step) => {
    switch (step.action) {
      case "tell":
        return `${step.about.metadata.name}: ${step.type} ${step.reason}`;
      case "updateVolumeStatus":
        return `${step.volume.metadata.name} is ${step.volume.status?.phase}`;
      case "updateClaimStatus":
        return `${step.claim.metadata.name} is ${step.claim.status?.phase}`;
      case "updateVolume":
        return `${step.volume.metadata.name} for ${step.volume.spec.claimRef?.name ?? "nobody"}`;
      case "updateClaim":
        return `${step.claim.metadata.name} of ${step.claim.spec.volumeName ?? "no volume"}`;
    }
  });
}

interface ClaimCase {
  readonly name: string;
  readonly claim: PersistentVolumeClaim;
  readonly volumes?: readonly PersistentVolume[];
  readonly classes?: readonly StorageClass[];
  readonly pods?: readonly string[];
  readonly steps: readonly string[];
}

const later = { volumeBindingMode: "WaitForFirstConsumer" };
const done = { [BIND_COMPLETED]: "yes" };
const boundTo = (volumeName: string) => ({
  meta: { annotations: done },
  spec: { volumeName },
  status: { phase: "Bound", accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" } },
});
const forClaim = (uid: string) => ({ claimRef: { namespace: "default", name: "c", uid } });
const CLAIM_CASES: readonly ClaimCase[] = [
  {
    name: "a match: the volume first, then the claim",
    claim: testClaim("c"),
    volumes: [testVolume("v")],
    steps: ["v for c", "v is Bound", "c of v", "c is Bound"],
  },
  {
    name: "a leader that died after the first write: the next goes on",
    claim: testClaim("c"),
    volumes: [testVolume("v", { spec: forClaim("c") })],
    steps: ["v is Bound", "c of v", "c is Bound"],
  },
  {
    name: "no volume and no class",
    claim: testClaim("c", { spec: { storageClassName: "" } }),
    steps: ["c: Normal FailedBinding"],
  },
  {
    name: "no such class",
    claim: testClaim("c"),
    steps: ["c: Warning ProvisioningFailed"],
  },
  {
    name: "a class without provisioner",
    claim: testClaim("c"),
    classes: [testClass("disks", { provisioner: "kubernetes.io/no-provisioner" })],
    steps: ["c: Warning ProvisioningFailed"],
  },
  {
    name: "the provisioner of the class is asked",
    claim: testClaim("c"),
    classes: [testClass("disks")],
    steps: ["c: Normal ExternalProvisioning", "c of no volume"],
  },
  {
    name: "WaitForFirstConsumer: not before a pod needs it",
    claim: testClaim("c"),
    volumes: [testVolume("v")],
    classes: [testClass("disks", later)],
    steps: ["c: Normal WaitForFirstConsumer"],
  },
  {
    name: "nor before that pod has a node",
    claim: testClaim("c"),
    classes: [testClass("disks", later)],
    pods: ["p"],
    steps: ["c: Normal WaitForPodScheduled"],
  },
  {
    name: "the scheduler has chosen the node",
    claim: testClaim("c", { meta: { annotations: { [SELECTED_NODE]: "n1" } } }),
    classes: [testClass("disks", later)],
    steps: ["c: Normal ExternalProvisioning", "c of no volume"],
  },
  {
    name: "a default class that came after the claim",
    claim: withoutClass(testClaim("c")),
    classes: [
      testClass("standard", {
        metadata: {
          ...testClass("standard").metadata,
          annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
        },
      }),
    ],
    steps: ["c of no volume"],
  },
  {
    name: "a claim that names its volume, whatever there is besides",
    claim: testClaim("c", { spec: { volumeName: "v" } }),
    volumes: [testVolume("a"), testVolume("v")],
    steps: ["v for c", "v is Bound", "c of v", "c is Bound"],
  },
  {
    name: "it names one that is not there yet",
    claim: testClaim("c", { spec: { volumeName: "v" } }),
    steps: [],
  },
  {
    name: "it names one that is too small",
    claim: testClaim("c", { spec: { volumeName: "v" } }),
    volumes: [testVolume("v", { spec: { capacity: { storage: "1Mi" } } })],
    steps: ["c: Warning VolumeMismatch"],
  },
  {
    name: "it names one that another claim has",
    claim: testClaim("c", { spec: { volumeName: "v" } }),
    volumes: [testVolume("v", { spec: forClaim("other") })],
    steps: ["c: Warning FailedBinding"],
  },
  {
    name: "bound, and all is well",
    claim: testClaim("c", boundTo("v")),
    volumes: [testVolume("v", { spec: forClaim("c"), status: { phase: "Bound" } })],
    steps: [],
  },
  {
    name: "its volume is gone",
    claim: testClaim("c", boundTo("v")),
    steps: ["c is Lost", "c: Warning ClaimLost"],
  },
  {
    name: "its volume is another claim's",
    claim: testClaim("c", boundTo("v")),
    volumes: [testVolume("v", { spec: forClaim("other") })],
    steps: ["c is Lost", "c: Warning ClaimMisbound"],
  },
  {
    name: "the volume does not name it any more: they are bound again",
    claim: testClaim("c", boundTo("v")),
    volumes: [testVolume("v")],
    steps: ["v for c", "v is Bound"],
  },
  {
    name: "nobody binds a claim that is being deleted",
    claim: testClaim("c", { meta: { deletionTimestamp: "2026-01-01T00:00:00Z" } }),
    volumes: [testVolume("v")],
    steps: [],
  },
];

function withoutClass(claim: PersistentVolumeClaim): PersistentVolumeClaim {
  const { storageClassName: _name, ...spec } = claim.spec;
  return { ...claim, spec };
}

function planOf({ claim, volumes = [], classes = [], pods = [] }: ClaimCase) {
  return planClaim(claim, {
    volume: volumes.find(({ metadata }) => metadata.name === claim.spec.volumeName),
    volumes: () => volumes,
    storageClass: (name) => classes.find(({ metadata }) => metadata.name === name),
    defaultClass: () => classes.find(({ metadata }) => metadata.annotations !== undefined) ?? null,
    waitingPods: () => pods,
  });
}

void t.test("claims", (t) => {
  for (const one of CLAIM_CASES) t.strictSame(lines(planOf(one)), one.steps, one.name);
  t.end();
});

void t.test("what is written when the two are bound", (t) => {
  const [volume, , claim, status] = planOf(CLAIM_CASES[0] as ClaimCase);
  t.match(volume, {
    volume: {
      metadata: { annotations: { [BOUND_BY_CONTROLLER]: "yes" } },
      spec: { claimRef: { kind: "PersistentVolumeClaim", namespace: "default", uid: "c" } },
    },
  });
  t.match(claim, {
    claim: { metadata: { annotations: { [BIND_COMPLETED]: "yes", [BOUND_BY_CONTROLLER]: "yes" } } },
  });
  t.match(status, {
    claim: { status: { accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" } } },
  });
  const asked = planOf(CLAIM_CASES[5] as ClaimCase)[1];
  t.match(asked, {
    claim: { metadata: { annotations: { [STORAGE_PROVISIONER]: "example.com/disks" } } },
  });
  const kept = testVolume("v", { spec: { claimRef: { namespace: "default", name: "c" } } });
  const [reserved] = planOf({ name: "", claim: testClaim("c"), volumes: [kept], steps: [] });
  t.notMatch(reserved, { volume: { metadata: { annotations: { [BOUND_BY_CONTROLLER]: "yes" } } } });
  t.end();
});

void t.test("volumes", (t) => {
  const released = { spec: forClaim("c"), status: { phase: "Bound" } };
  const withPolicy = (persistentVolumeReclaimPolicy: string, annotations = {}) =>
    testVolume("v", {
      ...released,
      meta: { annotations },
      spec: { ...released.spec, persistentVolumeReclaimPolicy },
    });
  const made = { [PROVISIONED_BY]: "example.com/disks" };
  const elsewhere = testClaim("c", { spec: { volumeName: "w" } });
  const cases: readonly {
    readonly name: string;
    readonly volume: PersistentVolume;
    readonly claim?: PersistentVolumeClaim;
    readonly steps: readonly string[];
  }[] = [
    {
      name: "a free resource that is not yet bound to a claim",
      volume: testVolume("v", { status: { phase: "Pending" } }),
      steps: ["v is Available"],
    },
    {
      name: "kept for a claim that is not there yet",
      volume: testVolume("v", {
        spec: { claimRef: { namespace: "default", name: "c" } },
        status: { phase: "Pending" },
      }),
      steps: ["v is Available"],
    },
    {
      name: "bound to a claim",
      volume: testVolume("v", { spec: forClaim("c") }),
      claim: testClaim("c", { spec: { volumeName: "v" } }),
      steps: ["v is Bound"],
    },
    {
      name: "Retain: released, and the previous claimant's data remains",
      volume: withPolicy("Retain"),
      steps: ["v is Released"],
    },
    {
      name: "Delete: whoever made it deletes it",
      volume: withPolicy("Delete", made),
      steps: ["v is Released"],
    },
    {
      name: "Delete, but nobody made it: the volume has failed its automatic reclamation",
      volume: withPolicy("Delete"),
      steps: ["v is Released", "v is Failed", "v: Warning VolumeFailedDelete"],
    },
    {
      name: "Recycle: nobody recycles",
      volume: withPolicy("Recycle"),
      steps: ["v is Released", "v is Failed", "v: Warning VolumeFailedRecycle"],
    },
    {
      name: "released before: nothing more to say",
      volume: testVolume("v", { ...released, status: { phase: "Released" } }),
      steps: [],
    },
    {
      name: "the claim found another volume: free again",
      volume: testVolume("v", {
        ...released,
        meta: { annotations: { [BOUND_BY_CONTROLLER]: "yes" } },
      }),
      claim: elsewhere,
      steps: ["v for nobody"],
    },
    {
      name: "the same, but a user kept it for that name",
      volume: testVolume("v", released),
      claim: elsewhere,
      steps: ["v for c"],
    },
    {
      name: "the same, but it was made for the claim: nobody needs it",
      volume: withPolicy("Delete", made),
      claim: elsewhere,
      steps: ["v is Released"],
    },
    {
      name: "a raw device kept for a claim of a file system",
      volume: testVolume("v", { spec: { ...forClaim("c"), volumeMode: "Block" } }),
      claim: testClaim("c"),
      steps: ["v: Warning VolumeMismatch", "c: Warning VolumeMismatch"],
    },
  ];
  for (const { name, volume, claim, steps } of cases)
    t.strictSame(lines(planVolume(volume, claim)), steps, name);
  t.end();
});
