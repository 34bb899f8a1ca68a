import t from "tap";
import {
  LOCAL_PATH_FINALIZER,
  LOCAL_PATH_PROVISIONER,
  LOCAL_VOLUMES_FOLDER,
  PROVISIONED_BY,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
} from "../../api/schema/storage/storage-names.js";
import {
  onHost,
  testClaim,
  testClass,
  testHost,
  testVolume,
} from "../../api/schema/storage/test-volumes.js";
import type { Node, PersistentVolumeClaim } from "../../api/schema/types/core-v1.gen.js";
import type { StorageClass } from "../../api/schema/types/storage-v1.gen.js";
import { planProvision, planReclaim } from "./plan.js";

const LOCAL = testClass("disks", {
  provisioner: LOCAL_PATH_PROVISIONER,
  volumeBindingMode: "WaitForFirstConsumer",
});
const N1 = testHost("n1", { [LOCAL_VOLUMES_FOLDER]: "/var/lib/agent/local-volumes" });
const ASKED = { [STORAGE_PROVISIONER]: LOCAL_PATH_PROVISIONER, [SELECTED_NODE]: "n1" };
const asked = (
  spec: Partial<PersistentVolumeClaim["spec"]> = {},
  annotations: Readonly<Record<string, string>> = ASKED,
) => testClaim("c", { meta: { annotations }, spec });

void t.test("what is made for a claim", (t) => {
  const cases: readonly {
    readonly name: string;
    readonly claim: PersistentVolumeClaim;
    readonly storageClass?: StorageClass;
    readonly node?: Node;
    readonly plan: object;
  }[] = [
    {
      name: "a folder of the chosen node, for this claim alone",
      claim: asked(),
      node: N1,
      plan: {
        action: "create",
        volume: {
          metadata: {
            name: "pvc-c",
            annotations: { [PROVISIONED_BY]: LOCAL_PATH_PROVISIONER },
            finalizers: [LOCAL_PATH_FINALIZER],
          },
          spec: {
            ...onHost("n1"),
            accessModes: ["ReadWriteOnce"],
            capacity: { storage: "1Gi" },
            claimRef: { kind: "PersistentVolumeClaim", namespace: "default", uid: "c" },
            local: { path: "/var/lib/agent/local-volumes/pvc-c" },
            persistentVolumeReclaimPolicy: "Delete",
            storageClassName: "disks",
          },
        },
      },
    },
    {
      name: "the class says what becomes of it",
      claim: asked({ accessModes: ["ReadWriteOncePod"] }),
      storageClass: { ...LOCAL, reclaimPolicy: "Retain" },
      node: N1,
      plan: { volume: { spec: { persistentVolumeReclaimPolicy: "Retain" } } },
    },
    {
      name: "another provisioner's",
      claim: asked({}, { ...ASKED, [STORAGE_PROVISIONER]: "example.com/disks" }),
      node: N1,
      plan: { action: "none" },
    },
    {
      name: "no node yet",
      claim: asked({}, { [STORAGE_PROVISIONER]: LOCAL_PATH_PROVISIONER }),
      plan: { action: "none" },
    },
    {
      name: "never a node",
      claim: asked({}, { [STORAGE_PROVISIONER]: LOCAL_PATH_PROVISIONER }),
      storageClass: { ...LOCAL, volumeBindingMode: "Immediate" },
      plan: { action: "fail", message: /no node was specified/u },
    },
    { name: "the node is gone", claim: asked(), plan: { action: "giveBack" } },
    {
      name: "the node has no folder for it",
      claim: asked(),
      node: testHost("n1"),
      plan: { action: "fail", message: /node n1 does not say/u },
    },
    {
      name: "nodes do not share folders",
      claim: asked({ accessModes: ["ReadWriteMany"] }),
      node: N1,
      plan: { action: "fail", message: /not ReadWriteMany/u },
    },
    {
      name: "a folder is no device",
      claim: asked({ volumeMode: "Block" }),
      node: N1,
      plan: { action: "fail", message: /Block/u },
    },
    {
      name: "what is made has no labels to select by",
      claim: asked({ selector: {} }),
      node: N1,
      plan: { action: "fail", message: /Selector/u },
    },
    {
      name: "nothing is copied",
      claim: asked({ dataSource: { kind: "PersistentVolumeClaim", name: "other" } }),
      node: N1,
      plan: { action: "fail", message: /data source/u },
    },
    {
      name: "it has a volume",
      claim: asked({ volumeName: "v" }),
      node: N1,
      plan: { action: "none" },
    },
  ];
  for (const { name, claim, storageClass = LOCAL, node, plan } of cases)
    t.match(planProvision(claim, { storageClass, node }), plan, name);
  t.end();
});

void t.test("when the folder goes", (t) => {
  const going = { deletionTimestamp: "2026-01-01T00:00:00Z" };
  const volume = (phase: string, policy: string, meta: object = {}) =>
    testVolume("v", {
      meta: {
        annotations: { [PROVISIONED_BY]: LOCAL_PATH_PROVISIONER },
        finalizers: [LOCAL_PATH_FINALIZER],
        ...meta,
      },
      spec: { persistentVolumeReclaimPolicy: policy, ...onHost("n1") },
      status: { phase },
    });
  const foreign = { annotations: { [PROVISIONED_BY]: "example.com/disks" } };
  const cases: readonly [name: string, ReturnType<typeof volume>, steps: string][] = [
    ["a claim has it", volume("Bound", "Delete"), ""],
    ["its claim is gone", volume("Released", "Delete"), "removeFolder delete dropFinalizer"],
    ["a leader died then", volume("Released", "Delete", going), "removeFolder dropFinalizer"],
    ["Retain", volume("Released", "Retain"), ""],
    ["Retain, and a user deletes the volume", volume("Released", "Retain", going), "dropFinalizer"],
    ["deleted while a claim has it", volume("Bound", "Delete", going), ""],
    [
      "deleted before a claim had it",
      volume("Available", "Delete", going),
      "removeFolder dropFinalizer",
    ],
    ["nothing more to do", volume("Released", "Delete", { ...going, finalizers: [] }), ""],
    ["somebody else's", volume("Released", "Delete", foreign), ""],
  ];
  for (const [name, subject, steps] of cases)
    t.equal(
      planReclaim(subject)
        .map(({ step }) => step)
        .join(" "),
      steps,
      name,
    );
  t.match(planReclaim(volume("Released", "Delete"))[0], { host: "n1" });
  t.end();
});
