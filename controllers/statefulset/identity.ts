import { apiVersionOf, PODS } from "../../api/client/resource-types.js";
import type { StatefulSet } from "../../api/schema/types/apps-v1.gen.js";
import type {
  PersistentVolumeClaim,
  Pod,
  PodTemplateSpec,
} from "../../api/schema/types/core-v1.gen.js";
import type { OwnerReference } from "../../api/schema/types/meta-v1.gen.js";
import type { NewObject } from "../../api/schema/wire-types.js";
import { controllerRef } from "../common/controller-ref.js";
import { POD_REVISION } from "../common/revisions.js";

const POD_NAME = "statefulset.kubernetes.io/pod-name";
const POD_INDEX = "apps.kubernetes.io/pod-index";

/** The ordinal in the pod's name; null: it is no name that the set gives. */
export function ordinalOf(set: StatefulSet, podName: string): number | null {
  const prefix = `${set.metadata.name}-`;
  if (!podName.startsWith(prefix)) return null;
  const text = podName.slice(prefix.length);
  return /^(0|[1-9]\d{0,9})$/.test(text) ? Number(text) : null;
}

export function podNameOf(set: StatefulSet, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`;
}

/** The pod of an ordinal, from the template of the revision of this name. */
export function newStatefulPod(
  set: StatefulSet,
  from: { readonly ordinal: number; readonly template: PodTemplateSpec; readonly revision: string },
): NewObject<Pod> {
  const { ordinal, template, revision } = from;
  const { metadata = {}, spec = { containers: [] } } = template;
  const { namespace } = set.metadata;
  const { serviceName = "" } = set.spec;
  const name = podNameOf(set, ordinal);
  const claims = (set.spec.volumeClaimTemplates ?? []).map((claim) => claim.metadata.name);
  const volumes = [
    ...claims.map((claim) => {
      const claimName = claimNameOf(set, claim, ordinal);
      return { name: claim, persistentVolumeClaim: { claimName, readOnly: false } };
    }),
    ...(spec.volumes ?? []).filter((volume) => !claims.includes(volume.name)),
  ];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...metadata.labels, ...identityLabels(set, ordinal), [POD_REVISION]: revision },
      ...(metadata.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ...(metadata.finalizers === undefined ? {} : { finalizers: metadata.finalizers }),
      ownerReferences: [controllerRef(set)],
    },
    spec: {
      ...spec,
      hostname: name,
      ...(serviceName === "" ? {} : { subdomain: serviceName }),
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  };
}

/** The labels by which a pod of the set can be told from its siblings. */
export function identityLabels(set: StatefulSet, ordinal: number): { [key: string]: string } {
  return { [POD_NAME]: podNameOf(set, ordinal), [POD_INDEX]: String(ordinal) };
}

export function claimNameOf(set: StatefulSet, template: string, ordinal: number): string {
  return `${template}-${podNameOf(set, ordinal)}`;
}

/** True for the name of a claim of one of the set's pods. */
export function hasClaim(set: StatefulSet, claimName: string): boolean {
  return (set.spec.volumeClaimTemplates ?? []).some(({ metadata }) => {
    const prefix = `${metadata.name}-`;
    return claimName.startsWith(prefix) && ordinalOf(set, claimName.slice(prefix.length)) !== null;
  });
}

/** The claims of an ordinal, as they are made. They stay when its pod goes. */
export function newClaims(set: StatefulSet, ordinal: number): NewObject<PersistentVolumeClaim>[] {
  const { namespace } = set.metadata;
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }) => {
    const owners = claimOwners(set, { pod: null, condemned: false });
    return {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: {
        name: claimNameOf(set, metadata.name, ordinal),
        ...(namespace === undefined ? {} : { namespace }),
        labels: { ...metadata.labels, ...set.spec.selector.matchLabels },
        ...(metadata.annotations === undefined ? {} : { annotations: metadata.annotations }),
        ...(owners.length === 0 ? {} : { ownerReferences: owners }),
      },
      spec,
    };
  });
}

/** Whose end is the end of a claim, as the retention policy says (KEP-1847). */
export function claimOwners(
  set: StatefulSet,
  { pod, condemned }: { readonly pod: Pod | null; readonly condemned: boolean },
): OwnerReference[] {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  if (condemned && whenScaled === "Delete" && pod !== null)
    return [controllerRef({ ...pod, apiVersion: apiVersionOf(PODS), kind: "Pod" })];
  return whenDeleted === "Delete" ? [controllerRef(set)] : [];
}
