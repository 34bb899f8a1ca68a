import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import type {
  ExemptPriorityLevelConfiguration,
  LimitResponse,
  LimitedPriorityLevelConfiguration,
  PriorityLevelConfiguration,
  QueuingConfiguration,
} from "../../../api/schema/types/flowcontrol-v1.gen.js";
import { semanticEqual } from "../common/semantic-equal.js";
import { EXEMPT, MANDATORY_PRIORITY_LEVELS } from "./suggested-flow-control.js";

const TYPES = ["Exempt", "Limited"];
const RESPONSES = ["Queue", "Reject"];
const QUEUES_MAX = 10_000_000;
const ENTROPY_BITS_MAX = 60;
const PERCENT_MAX = 100;

/** Kubernetes' rules for PriorityLevelConfigurations. */
export function validatePriorityLevel(level: PriorityLevelConfiguration): FieldError[] {
  const { metadata, spec } = level;
  const { name } = metadata;
  const errors: FieldError[] = [];
  const fixed = MANDATORY_PRIORITY_LEVELS.find((each) => each.metadata.name === name);
  // What the exempt level lends is anybody's to say.
  if (fixed !== undefined && name !== EXEMPT && !semanticEqual(spec, fixed.spec))
    errors.push(invalid("spec", spec, `spec of '${name}' must equal the fixed value`));
  if ((name === EXEMPT) !== (spec.type === "Exempt")) {
    const text = "type must be 'Exempt' if and only if name is 'exempt'";
    errors.push(invalid("spec.type", spec.type, text));
  }
  if (!TYPES.includes(spec.type)) return [...errors, notSupported("spec.type", spec.type, TYPES)];
  if (spec.type === "Exempt") {
    if (spec.limited !== undefined)
      errors.push(forbidden("spec.limited", "must be nil if the type is not Limited"));
    return [...errors, ...validateShares(spec.exempt ?? {}, "spec.exempt")];
  }
  if (spec.exempt !== undefined)
    errors.push(forbidden("spec.exempt", "must be nil if the type is Limited"));
  if (spec.limited === undefined)
    return [...errors, required("spec.limited", "must not be empty when type is Limited")];
  return [...errors, ...validateLimited(spec.limited, "spec.limited")];
}

function validateShares(
  { nominalConcurrencyShares = 0, lendablePercent = 0 }: ExemptPriorityLevelConfiguration,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (nominalConcurrencyShares < 0) {
    const text = "must be a non-negative integer";
    errors.push(invalid(`${path}.nominalConcurrencyShares`, nominalConcurrencyShares, text));
  }
  if (lendablePercent < 0 || lendablePercent > PERCENT_MAX) {
    const text = "must be between 0 and 100, inclusive";
    errors.push(invalid(`${path}.lendablePercent`, lendablePercent, text));
  }
  return errors;
}

function validateLimited(limited: LimitedPriorityLevelConfiguration, path: string): FieldError[] {
  const errors = validateShares(limited, path);
  const { borrowingLimitPercent = 0, limitResponse } = limited;
  if (borrowingLimitPercent < 0) {
    const text = "if specified, must be a non-negative integer";
    errors.push(invalid(`${path}.borrowingLimitPercent`, borrowingLimitPercent, text));
  }
  return [...errors, ...validateResponse(limitResponse ?? { type: "" }, `${path}.limitResponse`)];
}

function validateResponse({ type, queuing }: LimitResponse, path: string): FieldError[] {
  const at = `${path}.queuing`;
  switch (type) {
    case "Reject": {
      if (queuing === undefined) return [];
      return [forbidden(at, "must be nil if limited.limitResponse.type is not Limited")];
    }
    case "Queue": {
      if (queuing !== undefined) return validateQueuing(queuing, at);
      return [required(at, "must not be empty if limited.limitResponse.type is Limited")];
    }
    default:
      return [notSupported(`${path}.type`, type, RESPONSES)];
  }
}

function validateQueuing(queuing: QueuingConfiguration, path: string): FieldError[] {
  const { queues = 0, handSize = 0, queueLengthLimit = 0 } = queuing;
  const errors: FieldError[] = [];
  const positive = { queueLengthLimit, queues, handSize };
  for (const [field, value] of Object.entries(positive))
    if (value <= 0) errors.push(invalid(`${path}.${field}`, value, "must be positive"));
  if (queues > QUEUES_MAX)
    errors.push(invalid(`${path}.queues`, queues, `must not be greater than ${QUEUES_MAX}`));
  const at = `${path}.handSize`;
  if (handSize > queues)
    errors.push(invalid(at, handSize, `should not be greater than queues (${queues})`));
  else if (entropyBits(queues, handSize) > ENTROPY_BITS_MAX) {
    const text =
      `required entropy bits of deckSize ${queues} and handSize ${handSize} ` +
      `should not be greater than ${ENTROPY_BITS_MAX}`;
    errors.push(invalid(at, handSize, text));
  }
  return errors;
}

/** Bits of a hash that dealing a hand takes (KEP-1040, shuffle sharding). */
function entropyBits(deckSize: number, handSize: number): number {
  let bits = 0;
  for (let dealt = 0; dealt < handSize; dealt += 1) bits += Math.log2(deckSize - dealt);
  return Math.ceil(bits);
}
