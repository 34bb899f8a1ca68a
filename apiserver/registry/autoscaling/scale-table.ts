import type { Scale } from "../../../api/schema/types/autoscaling-v1.gen.js";
import { ageOf } from "../common/age.js";
import { AGE_COLUMN, NAME_COLUMN, column } from "../common/table-columns.js";
import type { TableDefinition } from "../strategy.js";

/** What `kubectl get KIND NAME --subresource=scale` shows. */
export const scaleTable: TableDefinition<Scale> = {
  columns: [
    NAME_COLUMN,
    column("Desired", "The number of pods wanted.", "integer"),
    column("Available", "The number of pods there are.", "integer"),
    AGE_COLUMN,
  ],
  cells: (scale, nowMs) => [
    scale.metadata?.name ?? "",
    scale.spec?.replicas ?? 0,
    scale.status?.replicas ?? 0,
    ageOf(scale.metadata?.creationTimestamp, nowMs),
  ],
};
