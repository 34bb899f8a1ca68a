import { BY_LABEL, labelValue, type Lister } from "../../api/client/indexer.js";
import { keyOf, type ObjectKey } from "../../api/client/object-key.js";
import type { Pod, Service } from "../../api/schema/types/core-v1.gen.js";
import { isPodReady, isPodTerminal } from "./pod-state.js";
import { sameJson } from "./same-json.js";

/** Name of the index of services by one pair of their selector. */
export const BY_SELECTOR = "selector";

/**
 * Files a service under the first pair of its selector, so that a pod finds its services by its
 * labels.
 */
export const bySelector = ({ metadata, spec }: Service): readonly string[] => {
  const pair = Object.entries(spec.selector ?? {})[0];
  return pair === undefined ? [] : [labelValue(metadata.namespace, pair[0], pair[1])];
};

/** The services that select this pod; `services` is indexed BY_SELECTOR. */
export function servicesOf(services: Lister<Service>, pod: Pod): readonly ObjectKey[] {
  const { namespace, labels = {} } = pod.metadata;
  const keys: ObjectKey[] = [];
  for (const [name, value] of Object.entries(labels)) {
    for (const service of services.byIndex(BY_SELECTOR, labelValue(namespace, name, value)))
      if (selects(service, pod)) keys.push(keyOf(service));
  }
  return keys;
}

/**
 * The pods that a service selects; `pods` is indexed BY_LABEL. The cost is that of the rarest of
 * its labels.
 */
export function podsOf(pods: Lister<Pod>, service: Service): readonly Pod[] {
  const { namespace } = service.metadata;
  let rarest: string | null = null;
  let fewest = Number.POSITIVE_INFINITY;
  for (const [name, value] of Object.entries(service.spec.selector ?? {})) {
    const pair = labelValue(namespace, name, value);
    const count = pods.countByIndex(BY_LABEL, pair);
    if (count < fewest) [rarest, fewest] = [pair, count];
  }
  if (rarest === null) return [];
  return pods.byIndex(BY_LABEL, rarest).filter((pod) => selects(service, pod));
}

function selects(service: Service, pod: Pod): boolean {
  const labels = pod.metadata.labels ?? {};
  return Object.entries(service.spec.selector ?? {}).every(
    ([name, value]) => labels[name] === value,
  );
}

/** True when something changed that endpoints are made of. */
export function endpointsMayDiffer(pod: Pod, old: Pod): boolean {
  return (
    isPodReady(pod) !== isPodReady(old) ||
    isPodTerminal(pod) !== isPodTerminal(old) ||
    pod.metadata.deletionTimestamp !== old.metadata.deletionTimestamp ||
    pod.spec.nodeName !== old.spec.nodeName ||
    !sameJson(pod.status?.podIPs, old.status?.podIPs) ||
    pod.status?.podIP !== old.status?.podIP ||
    !sameJson(pod.metadata.labels, old.metadata.labels)
  );
}
