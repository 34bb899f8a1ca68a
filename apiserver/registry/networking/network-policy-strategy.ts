import type { NetworkPolicy } from "../../../api/schema/types/networking-v1.gen.js";
import { ageOf } from "../common/age.js";
import { formatLabelSelector } from "../common/format-labels.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { specChanged, withFirstGeneration, withNextGeneration } from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import { validateNetworkPolicy } from "./network-policy-validation.js";

const table: TableDefinition<NetworkPolicy> = {
  columns: [NAME_COLUMN, column("Pod-Selector", "The pods that the policy is about."), AGE_COLUMN],
  cells: ({ metadata, spec }, nowMs) => [
    metadata.name,
    formatLabelSelector(spec.podSelector),
    ageOf(metadata.creationTimestamp, nowMs),
  ],
};

/** NetworkPolicies: the generation grows with the spec. */
export const networkPolicyStrategy: Strategy<NetworkPolicy> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (policy) => withFirstGeneration(policy),
  prepareForUpdate: (policy, old) => withNextGeneration(policy, old, specChanged(policy, old)),
  validate: validateNetworkPolicy,
  validateUpdate: validateNetworkPolicy,
  table,
};
