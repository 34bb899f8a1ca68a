import type { PodTemplateSpec } from "../../../api/schema/types/core-v1.gen.js";

/** The cells CONTAINERS and IMAGES of a workload: what its template runs, joined by commas. */
export function templateCells(template: PodTemplateSpec | undefined): [string, string] {
  const containers = template?.spec?.containers ?? [];
  return [
    containers.map((container) => container.name).join(","),
    containers.map((container) => container.image ?? "").join(","),
  ];
}
