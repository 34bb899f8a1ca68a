import t from "tap";
import { applyDefaults } from "../../../api/schema/defaults.js";
import type { JsonObject, KubernetesObject } from "../../../api/schema/wire-types.js";
import { strategyFor, validateForUpdate } from "../registry.js";
import { identified, kindOfManifest, TEST_CONTEXT } from "../test-objects.js";

const VOLUME: JsonObject = {
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: "x" },
  spec: {
    capacity: { storage: "1Gi" },
    accessModes: ["ReadWriteOnce"],
    hostPath: { path: "/data" },
  },
};
const CLASS: JsonObject = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "x" },
  provisioner: "csi.example.com",
  parameters: { a: "b" },
};

/** What is wrong when `change` is laid over the object, its spec over the spec. */
function changed(manifest: JsonObject, change: JsonObject): readonly string[] {
  const info = kindOfManifest(manifest);
  const old = identified<KubernetesObject>(manifest);
  const spec = {
    ...(manifest["spec"] as JsonObject | undefined),
    ...(change["spec"] as JsonObject),
  };
  const merged = { ...manifest, ...change, ...(manifest["spec"] === undefined ? {} : { spec }) };
  const next = identified<KubernetesObject>(merged);
  const object = strategyFor(info).prepareForUpdate(next, old, "", TEST_CONTEXT);
  return validateForUpdate(info, { object, old, subresource: "" }).map(({ field }) => field);
}

void t.test("defaults", (t) => {
  const volume = applyDefaults(kindOfManifest(VOLUME), {
    ...VOLUME,
    spec: { iscsi: { targetPortal: "p", iqn: "iqn.2026-01.com.example:x", lun: 0 } },
  });
  t.match(volume, {
    spec: {
      persistentVolumeReclaimPolicy: "Retain",
      volumeMode: "Filesystem",
      iscsi: { iscsiInterface: "default" },
    },
    status: { phase: "Pending" },
  });
  t.match(applyDefaults(kindOfManifest(CLASS), CLASS), {
    reclaimPolicy: "Delete",
    volumeBindingMode: "Immediate",
  });
  t.end();
});

void t.test("what a volume is stays, whose it is changes", (t) => {
  const claimRef = { namespace: "default", name: "data" };
  t.same(changed(VOLUME, { spec: { claimRef, persistentVolumeReclaimPolicy: "Delete" } }), []);
  t.same(changed(VOLUME, { spec: { hostPath: { path: "/other" } } }), [
    "spec.persistentvolumesource",
  ]);
  t.same(changed(VOLUME, { spec: { volumeMode: "Block" } }), ["volumeMode"]);
  const node = { matchExpressions: [{ key: "zone", operator: "Exists" }] };
  const nodeAffinity = { required: { nodeSelectorTerms: [node] } };
  t.same(changed(VOLUME, { spec: { nodeAffinity } }), [], "nodes can be named later");
  const placed = { ...VOLUME, spec: { ...(VOLUME["spec"] as JsonObject), nodeAffinity } };
  const other = { matchExpressions: [{ key: "disk", operator: "Exists" }] };
  const moved = { required: { nodeSelectorTerms: [other] } };
  t.same(changed(placed, { spec: { nodeAffinity: moved } }), ["nodeAffinity"]);
  t.end();
});

void t.test("what a class gives stays", (t) => {
  t.same(changed(CLASS, { allowVolumeExpansion: true, mountOptions: ["ro"] }), []);
  t.same(changed(CLASS, { parameters: { a: "c" } }), ["parameters"]);
  t.same(changed(CLASS, { provisioner: "other.example.com" }), ["provisioner"]);
  t.same(changed(CLASS, { reclaimPolicy: "Retain" }), ["reclaimPolicy"]);
  t.same(changed(CLASS, { volumeBindingMode: "WaitForFirstConsumer" }), ["volumeBindingMode"]);
  t.end();
});

void t.test("a change of phase is timed", (t) => {
  const info = kindOfManifest(VOLUME);
  const old = identified<KubernetesObject>(VOLUME);
  const write = (status: JsonObject): JsonObject => {
    const object = { ...old, status } as KubernetesObject;
    const next = strategyFor(info).prepareForUpdate(object, old, "status", TEST_CONTEXT);
    return (next as unknown as { readonly status: JsonObject }).status;
  };
  const { now } = TEST_CONTEXT;
  t.same(write({ phase: "Available" }), { phase: "Available", lastPhaseTransitionTime: now });
  const earlier = "2025-01-01T00:00:00Z";
  t.same(write({ phase: "Bound", lastPhaseTransitionTime: earlier }), {
    phase: "Bound",
    lastPhaseTransitionTime: earlier,
  });
  t.same(write({ phase: "Pending", message: "m" }), { phase: "Pending", message: "m" });
  t.end();
});
