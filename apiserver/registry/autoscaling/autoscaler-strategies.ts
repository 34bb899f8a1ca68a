import type * as autoscalingV1 from "../../../api/schema/types/autoscaling-v1.gen.js";
import type { HorizontalPodAutoscaler } from "../../../api/schema/types/autoscaling-v2.gen.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import {
  specChanged,
  withFirstGeneration,
  withNextGeneration,
  withSpecOf,
  withStatusOf,
} from "../common/prepare.js";
import type { Strategy } from "../strategy.js";
import { autoscalerV2Of } from "./autoscaler-conversion.js";
import { autoscalerTable } from "./autoscaler-table.js";
import { validateAutoscaler, validateAutoscalerUpdate } from "./autoscaler-validation.js";

/** Autoscalers of autoscaling/v2, which is also how they are stored. */
export const autoscalerStrategy: Strategy<HorizontalPodAutoscaler> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (autoscaler) =>
    withFirstGeneration({ ...autoscaler, status: { desiredReplicas: 0, currentReplicas: 0 } }),
  prepareForUpdate(autoscaler, old, subresource) {
    if (subresource === "status") return withSpecOf(autoscaler, old);
    return withNextGeneration(withStatusOf(autoscaler, old), old, specChanged(autoscaler, old));
  },
  validate: validateAutoscaler,
  validateUpdate: validateAutoscalerUpdate,
  table: autoscalerTable,
};

/** Autoscalers of autoscaling/v1: the same objects in other words, held to the same rules. */
export const autoscalerV1Strategy: Strategy<autoscalingV1.HorizontalPodAutoscaler> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (autoscaler) =>
    withFirstGeneration({ ...autoscaler, status: { desiredReplicas: 0, currentReplicas: 0 } }),
  prepareForUpdate(autoscaler, old, subresource) {
    if (subresource === "status") return withSpecOf(autoscaler, old);
    // What v1 keeps in annotations is spec too.
    const [after, before] = [autoscalerV2Of(autoscaler), autoscalerV2Of(old)];
    return withNextGeneration(withStatusOf(autoscaler, old), old, specChanged(after, before));
  },
  validate: (autoscaler) => validateAutoscaler(autoscalerV2Of(autoscaler)),
  validateUpdate: (autoscaler, old, subresource) =>
    validateAutoscalerUpdate(autoscalerV2Of(autoscaler), autoscalerV2Of(old), subresource),
  table: {
    columns: autoscalerTable.columns,
    cells: (autoscaler, nowMs) => autoscalerTable.cells(autoscalerV2Of(autoscaler), nowMs),
  },
};
