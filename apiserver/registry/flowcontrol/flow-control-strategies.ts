import type {
  FlowSchema,
  PriorityLevelConfiguration,
} from "../../../api/schema/types/flowcontrol-v1.gen.js";
import { ageOf } from "../common/age.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import {
  specChanged,
  withFirstGeneration,
  withNextGeneration,
  withSpecOf,
  withStatusOf,
} from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy } from "../strategy.js";
import { validateFlowSchema } from "./flow-schema-validation.js";
import { validatePriorityLevel } from "./priority-level-validation.js";

const NONE = "<none>";

/** FlowSchemas. */
export const flowSchemaStrategy: Strategy<FlowSchema> = {
  ...common<FlowSchema>(),
  validate: validateFlowSchema,
  validateUpdate: validateFlowSchema,
  table: {
    columns: [
      NAME_COLUMN,
      column("PriorityLevel", "The level that its requests belong to."),
      column("MatchingPrecedence", "The place among all schemas; the lowest wins.", "integer"),
      column("DistinguisherMethod", "How flows are told apart."),
      AGE_COLUMN,
      column("MissingPL", "Whether the level is missing."),
    ],
    cells: ({ metadata, spec, status }, nowMs) => [
      metadata.name,
      spec.priorityLevelConfiguration.name,
      spec.matchingPrecedence ?? 0,
      spec.distinguisherMethod?.type ?? NONE,
      ageOf(metadata.creationTimestamp, nowMs),
      (status?.conditions ?? []).find(({ type }) => type === "Dangling")?.status ?? "?",
    ],
  },
};

/** PriorityLevelConfigurations. */
export const priorityLevelStrategy: Strategy<PriorityLevelConfiguration> = {
  ...common<PriorityLevelConfiguration>(),
  validate: validatePriorityLevel,
  validateUpdate: validatePriorityLevel,
  table: {
    columns: [
      NAME_COLUMN,
      column("Type", "Whether the level is limited."),
      column("NominalConcurrencyShares", "Its share of the server's seats."),
      column("Queues", "The number of its queues."),
      column("HandSize", "Among how many queues a flow chooses."),
      column("QueueLengthLimit", "How many requests wait in a queue at most."),
      AGE_COLUMN,
    ],
    cells({ metadata, spec }, nowMs) {
      const { nominalConcurrencyShares: shares } = spec.limited ?? spec.exempt ?? {};
      const queuing = spec.limited?.limitResponse?.queuing;
      const shown = (value: number | undefined): string =>
        value === undefined ? NONE : String(value);
      return [
        metadata.name,
        spec.type,
        shown(shares),
        shown(queuing?.queues),
        shown(queuing?.handSize),
        shown(queuing?.queueLengthLimit),
        ageOf(metadata.creationTimestamp, nowMs),
      ];
    },
  },
};

function common<T extends FlowSchema | PriorityLevelConfiguration>(): Pick<
  Strategy<T>,
  "validateName" | "prepareForCreate" | "prepareForUpdate"
> {
  return {
    validateName: nameIsDnsSubdomain,
    prepareForCreate(object) {
      const { status: _status, ...rest } = object;
      return withFirstGeneration({ ...rest, status: {} } as T);
    },
    prepareForUpdate(object, old, subresource) {
      if (subresource === "status") return withSpecOf(object, old);
      const next = withStatusOf(object, old);
      return withNextGeneration(next, old, specChanged(next, old));
    },
  };
}
