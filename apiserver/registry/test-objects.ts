import { applyDefaults } from "../../api/schema/defaults.js";
import { type KindInfo, kindByGvk, splitApiVersion } from "../../api/schema/kinds.js";
import type { ObjectMeta } from "../../api/schema/types/meta-v1.gen.js";
import type { JsonObject, KubernetesObject } from "../../api/schema/wire-types.js";
import { assert, present } from "../../base/assert.js";
import type { StrategyContext } from "./strategy.js";

/** A moment that tests agree on. */
export const TEST_CONTEXT: StrategyContext = {
  now: "2026-01-01T00:00:00Z",
  user: { name: "test", uid: "", groups: [], extra: {} },
};

/** The kind that a manifest names; throws when it is not served. */
export function kindOfManifest(manifest: JsonObject): KindInfo {
  const { apiVersion, kind } = manifest;
  assert(typeof apiVersion === "string" && typeof kind === "string", "a manifest names its kind");
  const { group, version } = splitApiVersion(apiVersion);
  return present(kindByGvk(group, version, kind), "kind");
}

/** A manifest as the strategies meet it: defaulted, with the metadata that the server gives. */
export function identified<T extends KubernetesObject>(manifest: JsonObject): T {
  const info = kindOfManifest(manifest);
  const object = applyDefaults(info, structuredClone(manifest) as unknown as T);
  const given: ObjectMeta = {
    ...(info.namespaced ? { namespace: "default" } : {}),
    uid: "u-0",
    creationTimestamp: TEST_CONTEXT.now,
    resourceVersion: "1",
  };
  return { ...object, metadata: { ...given, ...object.metadata } };
}
