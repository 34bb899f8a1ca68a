import type { Container, Pod } from "../../api/schema/types/core-v1.gen.js";
import type { PodPreset, PodPresetSpec } from "../../api/schema/types/settings-v1alpha1.gen.js";
import { selectorOrNothing } from "../../api/machinery/selectors.js";
import { semanticEqual } from "../registry/common/semantic-equal.js";

const PREFIX = "podpreset.admission.kubernetes.io";
const EXCLUDE = `${PREFIX}/exclude`;
const MIRROR = "kubernetes.io/config.mirror";

/** The presets that a new pod gets, by name; none for a mirror pod and one that excludes itself. */
export function presetsOf(pod: Pod, presets: readonly PodPreset[]): readonly PodPreset[] {
  const { annotations = {}, labels } = pod.metadata;
  if (annotations[MIRROR] !== undefined || annotations[EXCLUDE] === "true") return [];
  return presets
    .filter(({ spec }) => selectorOrNothing(spec.selector ?? {}).matches(labels))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** A pod with its presets, or why they cannot be brought together. */
export type Merged =
  | { readonly pod: Pod; readonly conflicts: null }
  | { readonly pod: null; readonly conflicts: readonly string[] };

/**
 * Adds to a pod what the presets say: volumes to the pod, the rest to each container and init
 * container. What is there already and the same stays; what is there and differs is a conflict.
 * Rules: the podpreset admission plugin of Kubernetes 1.19.
 */
export function withPresets(pod: Pod, presets: readonly PodPreset[]): Merged {
  const conflicts = new Set<string>();
  const { containers, initContainers = [], volumes = [] } = pod.spec;
  const merged = merge(volumes, presets, {
    what: "volumes",
    of: ({ volumes: added }) => added,
    keys: ({ name }) => [name],
    conflicts,
  });
  const fill = (container: Container): Container => fillContainer(container, presets, conflicts);
  const spec = {
    ...pod.spec,
    ...(merged.length === 0 ? {} : { volumes: merged }),
    containers: containers.map(fill),
    ...(initContainers.length === 0 ? {} : { initContainers: initContainers.map(fill) }),
  };
  if (conflicts.size > 0) return { pod: null, conflicts: [...conflicts] };
  const added = presets.map(({ metadata: { name, resourceVersion } }) => [
    `${PREFIX}/podpreset-${name}`,
    resourceVersion,
  ]);
  const annotations = { ...pod.metadata.annotations, ...Object.fromEntries(added) };
  return { pod: { ...pod, metadata: { ...pod.metadata, annotations }, spec }, conflicts: null };
}

function fillContainer(
  container: Container,
  presets: readonly PodPreset[],
  conflicts: Set<string>,
): Container {
  const env = merge(container.env ?? [], presets, {
    what: "env",
    of: ({ env: added }) => added,
    keys: ({ name }) => [name],
    conflicts,
  });
  // A volume is mounted once by a preset, and a path taken once: Kubernetes looked at both.
  const volumeMounts = merge(container.volumeMounts ?? [], presets, {
    what: "volume mounts",
    of: ({ volumeMounts: added }) => added,
    keys: ({ name, mountPath }) => [name, `mount path ${mountPath}`],
    conflicts,
  });
  const added = presets.flatMap(({ spec }) => spec.envFrom ?? []);
  const envFrom = [...(container.envFrom ?? []), ...added];
  return {
    ...container,
    ...(env.length === 0 ? {} : { env }),
    ...(envFrom.length === 0 ? {} : { envFrom }),
    ...(volumeMounts.length === 0 ? {} : { volumeMounts }),
  };
}

/** One list with what the presets add to it; `keys` are what an item is alone to have. */
function merge<T>(
  given: readonly T[],
  presets: readonly PodPreset[],
  {
    what,
    of,
    keys,
    conflicts,
  }: {
    readonly what: string;
    readonly of: (spec: PodPresetSpec) => readonly T[] | undefined;
    readonly keys: (item: T) => readonly string[];
    readonly conflicts: Set<string>;
  },
): readonly T[] {
  const known = new Map<string, T>();
  for (const item of given) for (const key of keys(item)) known.set(key, item);
  const merged = [...given];
  for (const { metadata, spec } of presets)
    for (const item of of(spec) ?? []) {
      const taken = keys(item).filter((key) => known.has(key));
      if (taken.length === 0) merged.push(item);
      for (const key of taken)
        if (!semanticEqual(known.get(key), item))
          conflicts.add(`merging ${what} for ${metadata.name} has a conflict on ${key}`);
      for (const key of keys(item)) if (!known.has(key)) known.set(key, item);
    }
  return merged;
}
