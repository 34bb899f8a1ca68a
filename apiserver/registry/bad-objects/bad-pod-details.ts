import type { JsonObject } from "../../../api/schema/wire-types.js";
import {
  bad,
  type BadObject,
  banned,
  deployment,
  missing,
  pod,
  template,
  TEXT,
  twice,
  unknown,
  withSpec,
  wrong,
} from "./bad-object.js";

const C = "spec.containers[0]";
const S = "spec.securityContext";
const RANGE = "must be between 0 and 2147483647, inclusive";
const NATURAL = "must be greater than or equal to 0";
const exec = { exec: { command: ["true"] } };
const ruled = (rule: JsonObject): JsonObject =>
  pod({ restartPolicy: "Never", restartPolicyRules: [rule] });
const device = (devices: readonly JsonObject[], mounts: readonly JsonObject[] = []): JsonObject =>
  pod(
    { volumeDevices: devices, volumeMounts: mounts },
    { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "c" } }] },
  );
const spread = (more: JsonObject): JsonObject => ({
  maxSkew: 1,
  topologyKey: "zone",
  whenUnsatisfiable: "DoNotSchedule",
  ...more,
});
const claim = (spec: JsonObject): JsonObject =>
  withSpec("v1", "PersistentVolumeClaim", {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "1Gi" } },
    ...spec,
  });
const volume = (spec: JsonObject): JsonObject =>
  withSpec("v1", "PersistentVolume", {
    accessModes: ["ReadWriteOnce"],
    capacity: { storage: "1Gi" },
    ...spec,
  });

/** Probes, hooks and restarts of containers that are wrong. */
const LIFE: readonly BadObject[] = [
  bad(
    "probe with a negative period",
    pod({ livenessProbe: { ...exec, periodSeconds: -1 } }),
    wrong(`${C}.livenessProbe.periodSeconds`, -1, NATURAL),
  ),
  bad(
    "probe with a negative time",
    pod({ readinessProbe: { ...exec, timeoutSeconds: -1 } }),
    wrong(`${C}.readinessProbe.timeoutSeconds`, -1, NATURAL),
  ),
  bad(
    "probe that never fails",
    pod({ readinessProbe: { ...exec, failureThreshold: -1 } }),
    wrong(`${C}.readinessProbe.failureThreshold`, -1, NATURAL),
  ),
  bad(
    "start-up that must succeed twice",
    pod({ startupProbe: { ...exec, successThreshold: 2 } }),
    wrong(`${C}.startupProbe.successThreshold`, 2, "must be 1"),
  ),
  bad(
    "probe that gives no time to end",
    pod({ livenessProbe: { ...exec, terminationGracePeriodSeconds: 0 } }),
    wrong(`${C}.livenessProbe.terminationGracePeriodSeconds`, 0, "must be greater than 0"),
  ),
  bad(
    "gRPC probe of no port",
    pod({ livenessProbe: { grpc: { port: 0 } } }),
    wrong(`${C}.livenessProbe.grpc.port`, 0, "must be between 1 and 65535, inclusive"),
  ),
  bad(
    "hook with an empty command",
    pod({ lifecycle: { postStart: { exec: { command: [] } } } }),
    missing(`${C}.lifecycle.postStart.exec.command`),
  ),
  bad(
    "hook that does two things",
    pod({ lifecycle: { preStop: { ...exec, sleep: { seconds: 1 } } } }),
    banned(`${C}.lifecycle.preStop.sleep`, "may not specify more than 1 handler type"),
  ),
  bad(
    "hook of an init container",
    pod({}, { initContainers: [{ name: "i", image: "busybox", lifecycle: { preStop: exec } }] }),
    banned(
      "spec.initContainers[0].lifecycle",
      "may not be set for init containers without restartPolicy=Always",
    ),
  ),
  bad(
    "restart rules without a policy",
    pod({
      restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "In", values: [1] } }],
    }),
    missing(`${C}.restartPolicy`, "must specify restartPolicy when restart rules are used"),
  ),
  bad(
    "restart rule of an unknown action",
    ruled({ action: "Retry", exitCodes: { operator: "In", values: [1] } }),
    unknown(`${C}.restartPolicyRules[0].action`, "Retry", "Restart"),
  ),
  bad(
    "restart rule without exit codes",
    ruled({ action: "Restart" }),
    missing(`${C}.restartPolicyRules[0].exitCodes`, "must be specified"),
  ),
  bad(
    "restart rule of an unknown operator",
    ruled({ action: "Restart", exitCodes: { operator: "Near", values: [1] } }),
    unknown(`${C}.restartPolicyRules[0].exitCodes.operator`, "Near", "In", "NotIn"),
  ),
  bad(
    "unknown policy for a resize",
    pod({ resizePolicy: [{ resourceName: "cpu", restartPolicy: "Maybe" }] }),
    unknown(`${C}.resizePolicy`, "Maybe", "NotRequired", "RestartContainer"),
  ),
];

/** What isolates pods from each other, and what they share. */
const ISOLATION: readonly BadObject[] = [
  bad(
    "the host's processes and its own to share",
    pod({}, { hostPID: true, shareProcessNamespace: true }),
    wrong(
      `${S}.shareProcessNamespace`,
      true,
      "ShareProcessNamespace and HostPID cannot both be enabled",
    ),
  ),
  bad(
    "group among others that does not exist",
    pod({}, { securityContext: { supplementalGroups: [1, -1] } }),
    wrong(`${S}.supplementalGroups[1]`, -1, RANGE),
  ),
  bad(
    "first group that does not exist",
    pod({}, { securityContext: { runAsGroup: -1 } }),
    wrong(`${S}.runAsGroup`, -1, RANGE),
  ),
  bad(
    "unknown way to give a volume to a group",
    pod({}, { securityContext: { fsGroupChangePolicy: "Sometimes" } }),
    unknown(`${S}.fsGroupChangePolicy`, "Sometimes", "Always", "OnRootMismatch"),
  ),
  bad(
    "seccomp profile of an unknown type",
    pod({}, { securityContext: { seccompProfile: { type: "Strict" } } }),
    unknown(`${S}.seccompProfile.type`, "Strict", "Localhost", "RuntimeDefault", "Unconfined"),
  ),
  bad(
    "seccomp profile with a file it does not use",
    pod(
      {},
      { securityContext: { seccompProfile: { type: "RuntimeDefault", localhostProfile: "a" } } },
    ),
    wrong(
      `${S}.seccompProfile.localhostProfile`,
      { type: "RuntimeDefault", localhostProfile: "a" },
      "can only be set when seccomp type is Localhost",
    ),
  ),
  bad(
    "seccomp profile above its folder",
    pod(
      {},
      { securityContext: { seccompProfile: { type: "Localhost", localhostProfile: "../a" } } },
    ),
    wrong(`${S}.seccompProfile.localhostProfile`, "../a", "must not contain '..'"),
  ),
  bad(
    "seccomp profile elsewhere",
    pod({}, { securityContext: { seccompProfile: { type: "Localhost", localhostProfile: "/a" } } }),
    wrong(`${S}.seccompProfile.localhostProfile`, "/a", "must be a relative path"),
  ),
  bad(
    "AppArmor profile of an unknown type",
    pod({ securityContext: { appArmorProfile: { type: "Strict" } } }),
    unknown(
      `${C}.securityContext.appArmorProfile.type`,
      "Strict",
      "Localhost",
      "RuntimeDefault",
      "Unconfined",
    ),
  ),
  bad(
    "AppArmor profile without a name",
    pod({ securityContext: { appArmorProfile: { type: "Localhost" } } }),
    missing(
      `${C}.securityContext.appArmorProfile.localhostProfile`,
      "must be set when AppArmor type is Localhost",
    ),
  ),
  bad(
    "one sysctl twice",
    pod(
      {},
      {
        securityContext: {
          sysctls: [
            { name: "kernel.msgmax", value: "1" },
            { name: "kernel.msgmax", value: "2" },
          ],
        },
      },
    ),
    twice(`${S}.sysctls[1].name`, "kernel.msgmax"),
  ),
  bad(
    "runtime class in upper case",
    // Of a pod that is sent itself the class is looked for first: there is none.
    deployment({ template: template({ runtimeClassName: "Fast" }) }),
    wrong("spec.template.spec.runtimeClassName", "Fast", TEXT.subdomain),
  ),
];

/** Where pods shall go, and whom they give way. */
const PLACES: readonly BadObject[] = [
  bad(
    "scheduling gate in words",
    pod({}, { schedulingGates: [{ name: "a b" }] }),
    wrong("spec.schedulingGates[0]", "a b", TEXT.qualified),
  ),
  bad(
    "one spread twice",
    pod({}, { topologySpreadConstraints: [spread({}), spread({})] }),
    twice(
      "spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}",
      "{zone, DoNotSchedule}",
    ),
  ),
  bad(
    "spread with an unknown policy",
    pod({}, { topologySpreadConstraints: [spread({ nodeTaintsPolicy: "Maybe" })] }),
    unknown("spec.topologySpreadConstraints[0].nodeTaintsPolicy", "Maybe", "Honor", "Ignore"),
  ),
];

/** Disks, and other volumes that last or do not. */
const VOLUMES: readonly BadObject[] = [
  bad(
    "device at no path",
    device([{ name: "v", devicePath: "" }]),
    missing(`${C}.volumeDevices[0].devicePath`),
  ),
  bad(
    "device above its folder",
    device([{ name: "v", devicePath: "/dev/../x" }]),
    wrong(`${C}.volumeDevices[0].devicePath`, "/dev/../x", "can not contain backsteps ('..')"),
  ),
  bad("device of no volume", device([{ name: "x", devicePath: "/dev/x" }]), [
    "NotFound",
    `${C}.volumeDevices[0].name`,
    'Not found: "x"',
  ]),
  bad(
    "device that is mounted too",
    device([{ name: "v", devicePath: "/dev/x" }], [{ name: "v", mountPath: "/x" }]),
    wrong(`${C}.volumeMounts[0].name`, "v", "must not already exist in volumeDevices"),
    wrong(`${C}.volumeDevices[0].name`, "v", "must not already exist in volumeMounts"),
  ),
  bad(
    "part of a volume above it",
    pod(
      { volumeMounts: [{ name: "v", mountPath: "/a", subPath: "a/../b" }] },
      { volumes: [{ name: "v", emptyDir: {} }] },
    ),
    wrong(`${C}.volumeMounts.subPath`, "a/../b", "must not contain '..'"),
  ),
  bad(
    "share of no server",
    pod({}, { volumes: [{ name: "v", nfs: { server: "", path: "/x" } }] }),
    missing("spec.volumes[0].nfs.server"),
  ),
  bad(
    "ephemeral volume without a template",
    pod({}, { volumes: [{ name: "v", ephemeral: {} }] }),
    missing("spec.volumes[0].ephemeral.volumeClaimTemplate"),
  ),
  bad(
    "token for a moment",
    pod(
      {},
      {
        serviceAccountName: "default",
        volumes: [
          {
            name: "v",
            projected: { sources: [{ serviceAccountToken: { path: "t", expirationSeconds: 10 } }] },
          },
        ],
      },
    ),
    wrong(
      "spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds",
      10,
      "may not specify a duration less than 10 minutes",
    ),
  ),
  bad(
    "claim of a class in upper case",
    claim({ storageClassName: "Slow" }),
    wrong("spec.storageClassName", "Slow", TEXT.subdomain),
  ),
  bad(
    "volume that can be used in an unknown way",
    volume({ accessModes: ["Once"], hostPath: { path: "/x" } }),
    unknown(
      "spec.accessModes",
      "Once",
      "ReadOnlyMany",
      "ReadWriteMany",
      "ReadWriteOnce",
      "ReadWriteOncePod",
    ),
  ),
  bad(
    "volume above its folder",
    volume({ hostPath: { path: "/a/../b" } }),
    wrong("spec.hostPath.path", "/a/../b", "must not contain '..'"),
  ),
  bad(
    "volume of an unknown mode",
    volume({ hostPath: { path: "/a" }, volumeMode: "Tape" }),
    unknown("spec.volumeMode", "Tape", "Block", "Filesystem"),
  ),
];

/** More pods and volumes that are wrong, by what is asked of a node. */
export const BAD_POD_DETAILS: readonly BadObject[] = [...LIFE, ...ISOLATION, ...PLACES, ...VOLUMES];
