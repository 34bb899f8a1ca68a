import type { LimitRange } from "../../../api/schema/types/core-v1.gen.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { DEFAULT_TABLE } from "../common/table-columns.js";
import type { Strategy } from "../strategy.js";
import { validateLimitRange } from "./limit-range-validation.js";

/** LimitRanges. */
export const limitRangeStrategy: Strategy<LimitRange> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (range) => range,
  prepareForUpdate: (range) => range,
  validate: validateLimitRange,
  validateUpdate: validateLimitRange,
  table: DEFAULT_TABLE,
};
