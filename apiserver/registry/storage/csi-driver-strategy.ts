import {
  duplicate,
  type FieldError,
  invalid,
  notSupported,
} from "../../../api/machinery/field-errors.js";
import type { CSIDriver, TokenRequest } from "../../../api/schema/types/storage-v1.gen.js";
import { ageOf } from "../common/age.js";
import { validateImmutable } from "../common/immutable.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { specChanged, withFirstGeneration, withNextGeneration } from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";

const GROUP_POLICIES: readonly string[] = ["File", "None", "ReadWriteOnceWithFSType"];
const LIFECYCLE_MODES: readonly string[] = ["Persistent", "Ephemeral"];
const TOKEN_SECONDS_MIN = 600;
const TOKEN_SECONDS_MAX = 2 ** 32;
const UPDATE_SECONDS_MIN = 10;

const table: TableDefinition<CSIDriver> = {
  columns: [
    NAME_COLUMN,
    column("AttachRequired", "Whether volumes are attached before they are mounted.", "boolean"),
    column("PodInfoOnMount", "Whether the driver is told of the pod.", "boolean"),
    column("StorageCapacity", "Whether the scheduler keeps to its free space.", "boolean"),
    column("TokenRequests", "For whom the driver is given tokens."),
    column("RequiresRepublish", "Whether the driver is called again.", "boolean"),
    column("Modes", "What its volumes can be."),
    AGE_COLUMN,
  ],
  cells: ({ metadata, spec }, nowMs) => [
    metadata.name,
    spec.attachRequired ?? true,
    spec.podInfoOnMount ?? false,
    spec.storageCapacity ?? false,
    listOf((spec.tokenRequests ?? []).map(({ audience }) => audience)),
    spec.requiresRepublish ?? false,
    listOf(spec.volumeLifecycleModes ?? []),
    ageOf(metadata.creationTimestamp, nowMs),
  ],
};

/** CSIDrivers: whether volumes are attached, and what they can be, never changes. */
export const csiDriverStrategy: Strategy<CSIDriver> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (driver) => withFirstGeneration(driver),
  prepareForUpdate: (driver, old) => withNextGeneration(driver, old, specChanged(driver, old)),
  validate: validateDriver,
  validateUpdate: (driver, old) => [
    ...validateDriver(driver),
    // The name of the path is what Kubernetes answers.
    ...validateImmutable("spec.attachedRequired", {
      value: driver.spec.attachRequired,
      old: old.spec.attachRequired,
    }),
    ...validateImmutable("spec.volumeLifecycleModes", {
      value: driver.spec.volumeLifecycleModes,
      old: old.spec.volumeLifecycleModes,
    }),
  ],
  table,
};

function validateDriver({ spec }: CSIDriver): FieldError[] {
  const { fsGroupPolicy, nodeAllocatableUpdatePeriodSeconds: period } = spec;
  const errors: FieldError[] = [];
  if (fsGroupPolicy !== undefined && !GROUP_POLICIES.includes(fsGroupPolicy))
    errors.push(notSupported("spec.fsGroupPolicy", fsGroupPolicy, GROUP_POLICIES));
  errors.push(...validateTokenRequests(spec.tokenRequests ?? [], "spec.tokenRequests"));
  for (const mode of spec.volumeLifecycleModes ?? [])
    if (!LIFECYCLE_MODES.includes(mode))
      errors.push(notSupported("spec.volumeLifecycleModes", mode, LIFECYCLE_MODES));
  if (period !== undefined && period < UPDATE_SECONDS_MIN) {
    const text = "must be greater than or equal to 10 seconds";
    errors.push(invalid("spec.nodeAllocatableUpdatePeriodSeconds", period, text));
  }
  return errors;
}

function validateTokenRequests(requests: readonly TokenRequest[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, { audience, expirationSeconds: seconds }] of requests.entries()) {
    const at = `${path}[${index}].expirationSeconds`;
    if (seen.has(audience)) {
      errors.push(duplicate(`${path}[${index}].audience`, audience));
      continue;
    }
    seen.add(audience);
    if (seconds === undefined) continue;
    if (seconds < TOKEN_SECONDS_MIN)
      errors.push(invalid(at, seconds, "may not specify a duration less than 10 minutes"));
    if (seconds > TOKEN_SECONDS_MAX)
      errors.push(invalid(at, seconds, "may not specify a duration larger than 2^32 seconds"));
  }
  return errors;
}

function listOf(words: readonly string[]): string {
  return words.length === 0 ? "<unset>" : words.join(",");
}
