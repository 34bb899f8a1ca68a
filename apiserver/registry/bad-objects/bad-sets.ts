import type { JsonObject } from "../../../api/schema/wire-types.js";
import {
  bad,
  type BadObject,
  banned,
  missing,
  twice,
  unknown,
  wrong,
  withSpec,
  template,
  TEXT,
} from "./bad-object.js";

function statefulSet(spec: JsonObject): JsonObject {
  const selector = { matchLabels: { app: "web" } };
  return withSpec("apps/v1", "StatefulSet", { selector, template: template({}), ...spec });
}

function daemonSet(spec: JsonObject): JsonObject {
  const selector = { matchLabels: { app: "web" } };
  return withSpec("apps/v1", "DaemonSet", { selector, template: template({}), ...spec });
}

function controller(spec: JsonObject): JsonObject {
  return withSpec("v1", "ReplicationController", { template: template({}), ...spec });
}

function podTemplate(spec: JsonObject): JsonObject {
  const metadata = { name: "bad" };
  return { apiVersion: "v1", kind: "PodTemplate", metadata, template: template(spec) };
}

function revision(fields: JsonObject): JsonObject {
  const object = { apiVersion: "apps/v1", kind: "ControllerRevision", metadata: { name: "bad" } };
  return { ...object, revision: 1, data: { a: 1 }, ...fields };
}

/**
 * StatefulSets, DaemonSets, ReplicationControllers, PodTemplates and ControllerRevisions that are
 * wrong.
 */
export const BAD_SETS: readonly BadObject[] = [
  bad(
    "stateful set without a selector",
    statefulSet({ selector: null }),
    missing("spec.selector"),
    wrong(
      "spec.template.metadata.labels",
      { app: "web" },
      "`selector` does not match template `labels`",
    ),
  ),
  bad(
    "stateful set that does not match",
    statefulSet({ selector: { matchLabels: { app: "api" } } }),
    wrong(
      "spec.template.metadata.labels",
      { app: "web" },
      "`selector` does not match template `labels`",
    ),
  ),
  bad(
    "stateful set that selects everything",
    statefulSet({ selector: {} }),
    wrong("spec.selector", {}, "empty selector is invalid for statefulset"),
  ),
  bad(
    "unknown pod management",
    statefulSet({ podManagementPolicy: "Random" }),
    wrong("spec.podManagementPolicy", "Random", "must be 'OrderedReady' or 'Parallel'"),
  ),
  bad(
    "unknown update of a stateful set",
    statefulSet({ updateStrategy: { type: "Recreate" } }),
    wrong("spec.updateStrategy", { type: "Recreate" }, "must be 'RollingUpdate' or 'OnDelete'"),
  ),
  bad(
    "negative partition",
    statefulSet({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: -1 } } }),
    wrong("spec.updateStrategy.rollingUpdate.partition", -1, TEXT.negative),
  ),
  bad(
    "partition of no rolling update",
    statefulSet({ updateStrategy: { type: "OnDelete", rollingUpdate: { partition: 1 } } }),
    wrong(
      "spec.updateStrategy.rollingUpdate",
      { partition: 1 },
      "only allowed for updateStrategy 'RollingUpdate'",
    ),
  ),
  bad(
    "nothing may be unavailable",
    statefulSet({
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0 } },
    }),
    wrong("spec.updateStrategy.rollingUpdate.maxUnavailable", 0, "cannot be 0"),
  ),
  bad(
    "negative stateful replicas",
    statefulSet({ replicas: -1 }),
    wrong("spec.replicas", -1, TEXT.negative),
  ),
  bad(
    "unknown retention",
    statefulSet({
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Burn", whenScaled: "Retain" },
    }),
    unknown("spec.persistentVolumeClaimRetentionPolicy.whenDeleted", "Burn", "Delete", "Retain"),
  ),
  bad(
    "claim without an access mode",
    statefulSet({
      volumeClaimTemplates: [
        { metadata: { name: "data" }, spec: { resources: { requests: { storage: "1Gi" } } } },
      ],
    }),
    missing("spec.volumeClaimTemplates[0].spec.accessModes", "at least 1 access mode is required"),
  ),
  bad(
    "service name with capitals",
    statefulSet({ serviceName: "Web" }),
    wrong("spec.serviceName", "Web", TEXT.label),
  ),
  bad(
    "daemon set without a selector",
    daemonSet({ selector: null }),
    wrong(
      "spec.template.metadata.labels",
      { app: "web" },
      "`selector` does not match template `labels`",
    ),
  ),
  bad(
    "daemon set that does not match",
    daemonSet({ selector: { matchLabels: { app: "api" } } }),
    wrong(
      "spec.template.metadata.labels",
      { app: "web" },
      "`selector` does not match template `labels`",
    ),
  ),
  bad(
    "daemon set that selects everything",
    daemonSet({ selector: {} }),
    wrong("spec.selector", {}, "empty selector is invalid for daemonset"),
  ),
  bad(
    "unknown update of a daemon set",
    daemonSet({ updateStrategy: { type: "Recreate" } }),
    unknown("spec.updateStrategy.type", "Recreate", "RollingUpdate", "OnDelete"),
  ),
  bad(
    "surge and unavailability",
    daemonSet({
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
    }),
    wrong(
      "spec.updateStrategy.rollingUpdate.maxSurge",
      1,
      "may not be set when maxUnavailable is non-zero",
    ),
  ),
  bad(
    "daemon set update that cannot begin",
    daemonSet({
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } },
    }),
    missing("spec.updateStrategy.rollingUpdate.maxUnavailable", "cannot be 0 when maxSurge is 0"),
  ),
  bad(
    "daemon pods that are not restarted",
    daemonSet({
      template: {
        metadata: { labels: { app: "web" } },
        spec: { restartPolicy: "OnFailure", containers: [{ name: "c", image: "busybox" }] },
      },
    }),
    unknown("spec.template.spec.restartPolicy", "OnFailure", "Always"),
  ),
  bad(
    "controller that does not match",
    controller({ selector: { app: "api" } }),
    wrong(
      "spec.template.metadata.labels",
      { app: "web" },
      "`selector` does not match template `labels`",
    ),
  ),
  bad(
    "controller without a template",
    controller({ template: null, selector: { app: "web" } }),
    missing("spec.template"),
  ),
  bad(
    "negative replicas of a controller",
    controller({ replicas: -1 }),
    wrong("spec.replicas", -1, TEXT.negative),
  ),
  bad(
    "controller without labels",
    controller({ template: { spec: { containers: [{ name: "c", image: "busybox" }] } } }),
    missing("spec.selector"),
  ),
  bad(
    "controller whose pods end",
    controller({
      template: {
        metadata: { labels: { app: "web" } },
        spec: {
          restartPolicy: "Never",
          activeDeadlineSeconds: 5,
          containers: [{ name: "c", image: "busybox" }],
        },
      },
    }),
    unknown("spec.template.spec.restartPolicy", "Never", "Always"),
    banned(
      "spec.template.spec.activeDeadlineSeconds",
      "activeDeadlineSeconds in ReplicationController is not Supported",
    ),
  ),
  bad(
    "lonely template without containers",
    podTemplate({ containers: [] }),
    missing("template.spec.containers"),
  ),
  bad(
    "lonely template without an image",
    podTemplate({ containers: [{ name: "c" }] }),
    missing("template.spec.containers[0].image"),
  ),
  bad(
    "lonely template with two containers of one name",
    podTemplate({
      containers: [
        { name: "c", image: "a" },
        { name: "c", image: "b" },
      ],
    }),
    twice("template.spec.containers[1].name", "c"),
  ),
  bad(
    "lonely template with an unknown restart policy",
    podTemplate({ restartPolicy: "Sometimes" }),
    unknown("template.spec.restartPolicy", "Sometimes", "Always", "OnFailure", "Never"),
  ),
  bad(
    "lonely template with a debugging container",
    podTemplate({ ephemeralContainers: [{ name: "debug", image: "busybox" }] }),
    banned("template.spec.ephemeralContainers", "ephemeral containers not allowed in pod template"),
  ),
  bad("revision without data", revision({ data: null }), missing("data", "data is mandatory")),
  bad("negative revision", revision({ revision: -1 }), wrong("revision", -1, TEXT.negative)),
  bad(
    "revision with a bad name",
    revision({ metadata: { name: "Bad" } }),
    wrong("metadata.name", "Bad", TEXT.subdomain),
  ),
  bad(
    "revision with a bad label",
    revision({ metadata: { name: "bad", labels: { "a b": "c" } } }),
    wrong("metadata.labels", "a b", TEXT.qualified),
  ),
  bad(
    "revision with an owner without a name",
    revision({
      metadata: {
        name: "bad",
        ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "", uid: "u" }],
      },
    }),
    wrong("metadata.ownerReferences.name", "", "name must not be empty"),
  ),
];
