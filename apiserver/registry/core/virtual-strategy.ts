import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { DEFAULT_TABLE } from "../common/table-columns.js";
import type { Strategy } from "../strategy.js";

/** The strategy of kinds that are answered and forgotten, such as Binding and the reviews. */
export const virtualStrategy: Strategy = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (object) => object,
  prepareForUpdate: (object) => object,
  validate: () => [],
  validateUpdate: () => [],
  table: DEFAULT_TABLE,
};
