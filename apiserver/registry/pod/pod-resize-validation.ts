import { type FieldError, forbidden, invalid } from "../../../api/machinery/field-errors.js";
import type {
  Container,
  Pod,
  ResourceRequirements,
} from "../../../api/schema/types/core-v1.gen.js";
import type { Quantity } from "../../../api/schema/wire-types.js";
import { semanticEqual } from "../common/semantic-equal.js";
import { isMirrorPod } from "./pod-annotations-validation.js";
import { qosClassOf } from "./qos-class.js";

/**
 * Checks a change of resources of a running pod: cpu and memory only, and within the same QoS
 * class.
 */
export function validatePodResize(pod: Pod, old: Pod): FieldError[] {
  if (isMirrorPod(old)) return [forbidden("", "static pods cannot be resized")];
  if (old.spec.os?.name === "windows") return [forbidden("", "windows pods cannot be resized")];
  const errors: FieldError[] = [];
  const qosClass = old.status?.qosClass ?? qosClassOf(old.spec);
  if (qosClass !== qosClassOf(pod.spec)) {
    const text = "Pod QOS Class may not change as a result of resizing";
    errors.push(invalid("spec", qosClass, text));
  }
  const running = old.status?.containerStatuses?.find(({ state }) => state?.running !== undefined);
  if (running !== undefined && running.resources === undefined)
    errors.push(forbidden("spec", "Pod running on node without support for resize"));
  for (const list of ["initContainers", "containers"] as const)
    for (const [index, before] of (old.spec[list] ?? []).entries()) {
      const after = pod.spec[list]?.[index];
      if (after === undefined) continue;
      const path = `spec.${list}[${index}]`;
      errors.push(...validateResize(after, before, { path, isInit: list === "initContainers" }));
    }
  return errors;
}

function validateResize(
  container: Container,
  old: Container,
  { path, isInit }: { readonly path: string; readonly isInit: boolean },
): FieldError[] {
  const after = container.resources ?? {};
  const before = old.resources ?? {};
  const errors: FieldError[] = [];
  for (const list of ["requests", "limits"] as const) {
    const lost = Object.keys(before[list] ?? {}).some((name) => after[list]?.[name] === undefined);
    if (lost)
      errors.push(forbidden(`${path}.resources.${list}`, `resource ${list} cannot be removed`));
  }
  if (!semanticEqual(withoutResizable(after), withoutResizable(before))) {
    const whose = isInit ? " for init or sidecar containers" : "";
    const text = `only cpu and memory resources${whose} are mutable`;
    errors.push(forbidden(isInit ? path : "spec", text));
  }
  // One that runs to its end cannot be begun anew half-way.
  if (!isInit || old.restartPolicy === "Always" || semanticEqual(container, old)) return errors;
  const restarts = container.resizePolicy?.some((it) => it.restartPolicy === "RestartContainer");
  if (restarts === true) {
    const text =
      "non-sidecar init containers with a resize policy of RestartContainer cannot be resized";
    errors.push(forbidden(path, text));
  }
  return errors;
}

type Amounts = { readonly [name: string]: Quantity } | undefined;

function withoutResizable(resources: ResourceRequirements): ResourceRequirements {
  const strip = (list: Amounts) =>
    Object.fromEntries(
      Object.entries(list ?? {}).filter(([name]) => name !== "cpu" && name !== "memory"),
    );
  return { ...resources, requests: strip(resources.requests), limits: strip(resources.limits) };
}
