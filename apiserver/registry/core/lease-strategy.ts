import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
} from "../../../api/machinery/field-errors.js";
import type { Lease } from "../../../api/schema/types/coordination-v1.gen.js";
import { invalidEach, NOT_NEGATIVE } from "../common/field-error-builders.js";
import { ageOf } from "../common/age.js";
import { validateQualifiedName } from "../../../api/machinery/names.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";

const COORDINATION_STRATEGIES: readonly string[] = ["OldestEmulationVersion"];

const table: TableDefinition<Lease> = {
  columns: [NAME_COLUMN, column("Holder", "Who holds the lease."), AGE_COLUMN],
  cells: (lease, nowMs) => [
    lease.metadata.name,
    lease.spec.holderIdentity ?? "",
    ageOf(lease.metadata.creationTimestamp, nowMs),
  ],
};

/** Leases: a PUT creates one that is missing, but never overwrites without a resourceVersion. */
export const leaseStrategy: Strategy<Lease> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (lease) => lease,
  prepareForUpdate: (lease) => lease,
  validate: validateLease,
  validateUpdate: validateLease,
  allowCreateOnUpdate: true,
  requiresResourceVersion: true,
  table,
};

function validateLease(lease: Lease): readonly FieldError[] {
  const { leaseDurationSeconds, leaseTransitions, strategy, preferredHolder } = lease.spec;
  const errors: FieldError[] = [];
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) {
    const path = "spec.leaseDurationSeconds";
    errors.push(invalid(path, leaseDurationSeconds, "must be greater than 0"));
  }
  if (leaseTransitions !== undefined && leaseTransitions < 0)
    errors.push(invalid("spec.leaseTransitions", leaseTransitions, NOT_NEGATIVE));
  if (strategy !== undefined) errors.push(...validateCoordination(strategy));
  if ((preferredHolder ?? "") !== "" && (strategy ?? "") === "") {
    const text = "may only be specified if `strategy` is defined";
    errors.push(forbidden("spec.preferredHolder", text));
  }
  return errors;
}

/** A strategy without a slash is one of Kubernetes' own; another one is a qualified name. */
function validateCoordination(strategy: string): readonly FieldError[] {
  const path = "spec.strategy.strategy"; // The doubled name is what Kubernetes answers.
  if (strategy.includes("/")) return invalidEach(path, strategy, validateQualifiedName(strategy));
  return COORDINATION_STRATEGIES.includes(strategy)
    ? []
    : [notSupported(path, strategy, COORDINATION_STRATEGIES)];
}
