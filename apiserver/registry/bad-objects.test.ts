import t from "tap";
import { fieldErrorBody } from "../../api/machinery/field-errors.js";
import { decodeFailure, decodeValue } from "../../api/schema/decode.js";
import type { KindInfo } from "../../api/schema/kinds.js";
import type { JsonObject, KubernetesObject } from "../../api/schema/wire-types.js";
import { BAD_OBJECTS } from "./bad-objects.js";
import { strategyFor, validateForCreate, validateShape } from "./registry.js";
import { identified, kindOfManifest, TEST_CONTEXT } from "./test-objects.js";

/** What the server does with a new object before it is stored. */
function prepared(info: KindInfo, manifest: JsonObject): KubernetesObject {
  const { object } = decodeValue(manifest, info.typeName);
  const named = { ...object, apiVersion: info.apiVersion, kind: info.kind };
  return strategyFor(info).prepareForCreate(identified(named), TEST_CONTEXT);
}

void t.test("names are unique, and there are enough", (t) => {
  const names = BAD_OBJECTS.map(({ name }) => name);
  t.equal(new Set(names).size, names.length);
  t.ok(names.length >= 150, `${names.length} bad objects`);
  const kinds: readonly unknown[] = [
    "Pod",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "StorageClass",
  ];
  const onNodes = BAD_OBJECTS.filter(({ manifest }) => kinds.includes(manifest["kind"]));
  t.ok(onNodes.length >= 200, `${onNodes.length} bad pods and volumes`);
  t.end();
});

void t.test("each kind that runs, limits or clears away workloads has five at least", (t) => {
  const kinds = [
    "Deployment",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
    "DaemonSet",
    "ControllerRevision",
    "PodTemplate",
    "Job",
    "CronJob",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "ResourceQuota",
    "LimitRange",
    "PriorityClass",
    "PodPreset",
    "CertificateSigningRequest",
    "Namespace",
    "Node",
    "Endpoints",
    "EndpointSlice",
    "ClusterRole",
  ];
  for (const kind of kinds) {
    const count = BAD_OBJECTS.filter(({ manifest }) => manifest["kind"] === kind).length;
    t.ok(count >= 5, `${kind}: ${count}`);
  }
  t.end();
});

for (const { name, manifest, status, causes, message } of BAD_OBJECTS) {
  void t.test(name, (t) => {
    const info = kindOfManifest(manifest);
    const failure = decodeFailure(info, decodeValue(manifest, info.typeName), "Strict");
    if (status === 400) {
      t.match(failure ?? "", new RegExp(escape(message ?? "")));
      t.end();
      return;
    }
    t.equal(failure, null, "can be decoded");
    const object = prepared(info, manifest);
    const structural = validateShape(info, object);
    const errors = structural.length > 0 ? structural : validateForCreate(info, object);
    const found = errors.map((error) => ({
      reason: error.type,
      field: error.field,
      message: fieldErrorBody(error),
    }));
    t.same(found, causes);
    t.end();
  });
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
