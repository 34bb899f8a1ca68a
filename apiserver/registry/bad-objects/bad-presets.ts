import type { JsonObject } from "../../../api/schema/wire-types.js";
import { bad, type BadObject, missing, TEXT, twice, withSpec, wrong } from "./bad-object.js";

const preset = (spec: JsonObject): JsonObject =>
  withSpec("settings.k8s.io/v1alpha1", "PodPreset", spec);
const env = [{ name: "A", value: "1" }];
const cache = { name: "cache", emptyDir: {} };

/** PodPresets that are wrong. */
export const BAD_PRESETS: readonly BadObject[] = [
  bad(
    "preset that adds nothing",
    preset({ selector: { matchLabels: { app: "web" } } }),
    missing("spec.volumes.env.envFrom.volumeMounts", "must specify at least one"),
  ),
  bad(
    "preset whose selector has no such operator",
    preset({ env, selector: { matchExpressions: [{ key: "app", operator: "Near" }] } }),
    wrong("spec.selector.matchExpressions[0].operator", "Near", "not a valid selector operator"),
  ),
  bad(
    "preset whose selector has a label that is none",
    preset({ env, selector: { matchLabels: { app: "a b" } } }),
    wrong("spec.selector.matchLabels", "a b", TEXT.labelValue),
  ),
  bad(
    "preset with a nameless variable",
    preset({ env: [{ value: "1" }] }),
    missing("spec.env[0].name"),
  ),
  bad(
    "preset with two volumes of a name",
    preset({ volumes: [cache, cache] }),
    twice("spec.volumes[1].name", "cache"),
  ),
  bad(
    "preset with a mount of nothing",
    preset({ volumeMounts: [{ name: "cache", mountPath: "/cache" }] }),
    ["NotFound", "spec.volumeMounts[0].name", 'Not found: "cache"'],
  ),
  bad(
    "preset with two mounts at a path",
    preset({
      volumes: [cache],
      volumeMounts: [
        { name: "cache", mountPath: "/cache" },
        { name: "cache", mountPath: "/cache" },
      ],
    }),
    wrong("spec.volumeMounts[1].mountPath", "/cache", "must be unique"),
  ),
  bad(
    "preset with a source that is none",
    preset({ envFrom: [{ prefix: "P_" }] }),
    wrong("spec.envFrom", "", "must specify one of: `configMapRef` or `secretRef`"),
  ),
];
