import type { JsonObject } from "../../../api/schema/wire-types.js";
import {
  bad,
  type BadObject,
  banned,
  deployment,
  missing,
  template,
  TEXT,
  unknown,
  wrong,
} from "./bad-object.js";

const PERCENT =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or " +
  "'93%', regex used for validation is '[0-9]+%')";
const MISMATCH = "`selector` does not match template `labels`";
const rolling = (values: { [field: string]: number | string }) =>
  deployment({ strategy: { type: "RollingUpdate", rollingUpdate: values } });
const R = "spec.strategy.rollingUpdate";
const replicaSet = (spec: JsonObject): JsonObject => ({ ...deployment(spec), kind: "ReplicaSet" });

/** Deployments and ReplicaSets that are wrong. */
export const BAD_WORKLOADS: readonly BadObject[] = [
  bad(
    "selector that does not match",
    deployment({ selector: { matchLabels: { app: "api" } } }),
    wrong("spec.template.metadata.labels", { app: "web" }, MISMATCH),
  ),
  bad(
    "selector that excludes its own pods",
    deployment({ selector: { matchExpressions: [{ key: "app", operator: "DoesNotExist" }] } }),
    wrong("spec.template.metadata.labels", { app: "web" }, MISMATCH),
  ),
  bad(
    "empty selector",
    deployment({ selector: {} }),
    wrong("spec.selector", {}, "empty selector is invalid for deployment"),
  ),
  bad(
    "selector of an unknown operator",
    deployment({ selector: { matchExpressions: [{ key: "app", operator: "Like" }] } }),
    wrong("spec.selector.matchExpressions[0].operator", "Like", "not a valid selector operator"),
    wrong(
      "spec.selector",
      { matchExpressions: [{ key: "app", operator: "Like" }] },
      "invalid label selector",
    ),
  ),
  bad("negative replicas", deployment({ replicas: -1 }), wrong("spec.replicas", -1, TEXT.negative)),
  bad(
    "negative minReadySeconds",
    deployment({ minReadySeconds: -1 }),
    wrong("spec.minReadySeconds", -1, TEXT.negative),
  ),
  bad(
    "negative history",
    deployment({ revisionHistoryLimit: -1 }),
    wrong("spec.revisionHistoryLimit", -1, TEXT.negative),
  ),
  bad(
    "deadline before pods can be ready",
    deployment({ minReadySeconds: 600, progressDeadlineSeconds: 600 }),
    wrong("spec.progressDeadlineSeconds", 600, "must be greater than minReadySeconds"),
  ),
  bad(
    "unknown strategy",
    deployment({ strategy: { type: "BlueGreen" } }),
    unknown("spec.strategy.type", "BlueGreen", "Recreate", "RollingUpdate"),
  ),
  bad(
    "rolling update of a recreation",
    deployment({ strategy: { type: "Recreate", rollingUpdate: { maxSurge: 1 } } }),
    banned(R, "may not be specified when strategy `type` is 'Recreate'"),
  ),
  bad(
    "update that cannot begin",
    rolling({ maxSurge: 0, maxUnavailable: 0 }),
    wrong(`${R}.maxUnavailable`, 0, "may not be 0 when `maxSurge` is 0"),
  ),
  bad("negative surge", rolling({ maxSurge: -1 }), wrong(`${R}.maxSurge`, -1, TEXT.negative)),
  bad("surge in words", rolling({ maxSurge: "many" }), wrong(`${R}.maxSurge`, "many", PERCENT)),
  bad(
    "more than all unavailable",
    rolling({ maxUnavailable: "101%" }),
    wrong(`${R}.maxUnavailable`, "101%", "must not be greater than 100%"),
  ),
  bad(
    "pods that are not restarted",
    deployment({ template: template({ restartPolicy: "Never" }) }),
    unknown("spec.template.spec.restartPolicy", "Never", "Always"),
  ),
  bad(
    "pods with a deadline",
    deployment({ template: template({ activeDeadlineSeconds: 5 }) }),
    banned(
      "spec.template.spec.activeDeadlineSeconds",
      "activeDeadlineSeconds in ReplicaSet is not Supported",
    ),
  ),
  bad(
    "template without containers",
    deployment({ template: template({ containers: [] }) }),
    missing("spec.template.spec.containers"),
  ),
  bad(
    "template without an image",
    deployment({ template: template({ containers: [{ name: "c" }] }) }),
    missing("spec.template.spec.containers[0].image"),
  ),
  bad(
    "template with a bad port",
    deployment({
      template: template({
        containers: [{ name: "c", image: "busybox", ports: [{ containerPort: 99_999 }] }],
      }),
    }),
    wrong("spec.template.spec.containers[0].ports[0].containerPort", 99_999, TEXT.portNumber),
  ),
  bad(
    "debugging container in a template",
    deployment({
      template: template({ ephemeralContainers: [{ name: "debug", image: "busybox" }] }),
    }),
    banned(
      "spec.template.spec.ephemeralContainers",
      "ephemeral containers not allowed in pod template",
    ),
  ),
  bad(
    "deployment without a selector",
    deployment({ selector: null }),
    missing("spec.selector"),
    wrong("spec.template.metadata.labels", { app: "web" }, MISMATCH),
  ),
  bad(
    "replica set that does not match",
    replicaSet({ selector: { matchLabels: { app: "api" } } }),
    wrong("spec.template.metadata.labels", { app: "web" }, MISMATCH),
  ),
  bad(
    "negative replicas of a replica set",
    replicaSet({ replicas: -3 }),
    wrong("spec.replicas", -3, TEXT.negative),
  ),
  bad(
    "replica set without a selector",
    replicaSet({ selector: null }),
    missing("spec.selector"),
    wrong("spec.template.metadata.labels", { app: "web" }, MISMATCH),
  ),
  bad(
    "replica set that selects everything",
    replicaSet({ selector: {} }),
    wrong("spec.selector", {}, "empty selector is invalid for deployment"),
  ),
  bad(
    "replica set without a template",
    replicaSet({ template: null }),
    wrong("spec.template.metadata.labels", null, MISMATCH),
    missing("spec.template.spec.containers"),
  ),
  bad(
    "replica set whose pods end",
    replicaSet({ template: template({ restartPolicy: "OnFailure", activeDeadlineSeconds: 5 }) }),
    unknown("spec.template.spec.restartPolicy", "OnFailure", "Always"),
    banned(
      "spec.template.spec.activeDeadlineSeconds",
      "activeDeadlineSeconds in ReplicaSet is not Supported",
    ),
  ),
  bad(
    "replica set that is never ready",
    replicaSet({ minReadySeconds: -1 }),
    wrong("spec.minReadySeconds", -1, TEXT.negative),
  ),
];
