import type { Container, Pod, Volume } from "../../api/schema/types/core-v1.gen.js";

/** Why a mirror pod is not properly its node's, in Kubernetes' words; null: it is. */
export function mirrorOwnerError({ metadata }: Pod, nodeName: string): string | null {
  const [owner, another] = metadata.ownerReferences ?? [];
  if (owner === undefined) return "can only create pods with an owner reference set to itself";
  if (another !== undefined)
    return "can only create pods with a single owner reference set to itself";
  const isNode = owner.apiVersion === "v1" && owner.kind === "Node" && owner.name === nodeName;
  if (!isNode) return "can only create pods with an owner reference set to itself";
  if (owner.controller !== true)
    return "can only create pods with a controller owner reference set to itself";
  if (owner.blockOwnerDeletion === true)
    return "must not set blockOwnerDeletion on an owner reference";
  return null;
}

/** Which objects a mirror pod names that it must do without; null: none. */
export function mirrorReferenceError({ spec }: Pod): string | null {
  if ((spec.serviceAccountName ?? "") !== "")
    return "can not create pods that reference a service account";
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const volumes = spec.volumes ?? [];
  const pulls = (spec.imagePullSecrets ?? []).length > 0;
  if (pulls || containers.some(namesSecret) || volumes.some(holdsSecret))
    return "can not create pods that reference secrets";
  if (containers.some(namesConfigMap) || volumes.some(holdsConfigMap))
    return "can not create pods that reference configmaps";
  if (volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim !== undefined))
    return "can not create pods that reference persistentvolumeclaims";
  if ((spec.resourceClaims ?? []).length > 0)
    return "can not create pods that reference resourceclaims";
  return null;
}

function namesSecret({ env = [], envFrom = [] }: Container): boolean {
  return (
    env.some(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined) ||
    envFrom.some(({ secretRef }) => secretRef !== undefined)
  );
}

function namesConfigMap({ env = [], envFrom = [] }: Container): boolean {
  return (
    env.some(({ valueFrom }) => valueFrom?.configMapKeyRef !== undefined) ||
    envFrom.some(({ configMapRef }) => configMapRef !== undefined)
  );
}

function holdsSecret({ secret, projected }: Volume): boolean {
  return secret !== undefined || (projected?.sources ?? []).some((it) => it.secret !== undefined);
}

function holdsConfigMap({ configMap, projected }: Volume): boolean {
  return (
    configMap !== undefined || (projected?.sources ?? []).some((it) => it.configMap !== undefined)
  );
}
