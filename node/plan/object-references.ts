import type { Container, Pod, Volume } from "../../api/schema/types/core-v1.gen.js";
import { allContainers } from "./pod-runtime.js";

/** The names of the objects that a pod needs, in its own namespace. */
export interface ObjectReferences {
  readonly configMaps: ReadonlySet<string>;
  readonly secrets: ReadonlySet<string>;
  /** True: some of the cluster's ClusterTrustBundles. */
  readonly trustBundles: boolean;
}

/**
 * What the pod's volumes, environment and image pull secrets name; without `volumes`, those are
 * left out.
 */
export function objectReferences(pod: Pod, { volumes = true } = {}): ObjectReferences {
  const names = { configMaps: new Set<string>(), secrets: new Set<string>() };
  if (volumes) for (const volume of pod.spec.volumes ?? []) addVolume(names, volume);
  for (const container of allContainers(pod)) addContainer(names, container);
  for (const { name } of pod.spec.imagePullSecrets ?? []) add(names.secrets, name);
  return { ...names, trustBundles: volumes && usesTrustBundles(pod) };
}

function usesTrustBundles({ spec }: Pod): boolean {
  return (spec.volumes ?? []).some(({ projected }) =>
    (projected?.sources ?? []).some(({ clusterTrustBundle }) => clusterTrustBundle !== undefined),
  );
}

interface Names {
  readonly configMaps: Set<string>;
  readonly secrets: Set<string>;
}

function addVolume(names: Names, volume: Volume): void {
  add(names.configMaps, volume.configMap?.name);
  add(names.secrets, volume.secret?.secretName);
  for (const source of volume.projected?.sources ?? []) {
    add(names.configMaps, source.configMap?.name);
    add(names.secrets, source.secret?.name);
  }
}

function addContainer(names: Names, container: Container): void {
  for (const source of container.envFrom ?? []) {
    add(names.configMaps, source.configMapRef?.name);
    add(names.secrets, source.secretRef?.name);
  }
  for (const { valueFrom } of container.env ?? []) {
    add(names.configMaps, valueFrom?.configMapKeyRef?.name);
    add(names.secrets, valueFrom?.secretKeyRef?.name);
  }
}

function add(names: Set<string>, name: string | undefined): void {
  if (name !== undefined && name !== "") names.add(name);
}
