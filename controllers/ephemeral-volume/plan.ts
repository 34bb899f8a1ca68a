import { ephemeralClaimName, isMadeFor, notMadeFor } from "../../api/schema/storage/pod-claims.js";
import type { PersistentVolumeClaim, Pod } from "../../api/schema/types/core-v1.gen.js";
import type { NewObject } from "../../api/schema/wire-types.js";
import { controllerRef } from "../common/controller-ref.js";

/** What a pod's ephemeral volumes need. */
export interface EphemeralPlan {
  readonly create: readonly NewObject<PersistentVolumeClaim>[];
  /** Sentences about claims of the same name that are somebody else's. */
  readonly conflicts: readonly string[];
}

/** Pure (KEP-1698). A pod that is being deleted gets no claims any more. */
export function planEphemeral(
  pod: Pod,
  claimOf: (name: string) => PersistentVolumeClaim | undefined,
): EphemeralPlan {
  const create: NewObject<PersistentVolumeClaim>[] = [];
  const conflicts: string[] = [];
  if (pod.metadata.deletionTimestamp !== undefined) return { create, conflicts };
  for (const volume of pod.spec.volumes ?? []) {
    const template = volume.ephemeral?.volumeClaimTemplate;
    if (template === undefined) continue;
    const name = ephemeralClaimName(pod, volume);
    const present = claimOf(name);
    if (present === undefined) create.push(claimFor(pod, name, template));
    else if (!isMadeFor(present, pod))
      conflicts.push(`ephemeral volume ${volume.name}: ${notMadeFor(name, pod)}`);
  }
  return { create, conflicts };
}

type Template = NonNullable<
  NonNullable<NonNullable<Pod["spec"]["volumes"]>[number]["ephemeral"]>["volumeClaimTemplate"]
>;

function claimFor(
  pod: Pod,
  name: string,
  { metadata = {}, spec }: Template,
): NewObject<PersistentVolumeClaim> {
  const { labels, annotations } = metadata as PersistentVolumeClaim["metadata"];
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name,
      namespace: pod.metadata.namespace ?? "",
      ownerReferences: [controllerRef(pod)],
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec,
  };
}
