import { applyConfig } from "../../api/machinery/managed-fields/apply-config.js";
import { checkConfig } from "../../api/machinery/managed-fields/check-config.js";
import { conflictCauses } from "../../api/machinery/managed-fields/conflicts.js";
import { EMPTY_SET } from "../../api/machinery/managed-fields/field-set.js";
import {
  encodeEntries,
  storedEntries,
} from "../../api/machinery/managed-fields/managed-entries.js";
import { shapeOf } from "../../api/machinery/managed-fields/shape.js";
import type { PatchValue } from "../../api/machinery/patch-json.js";
import { badRequest, failure } from "../../api/machinery/status.js";
import { formatTime } from "../../api/machinery/time.js";
import type { FieldValidation } from "../../api/schema/decode.js";
import { typeByName } from "../../api/schema/type-schema.js";
import type { JsonObject, JsonValue, KubernetesObject } from "../../api/schema/wire-types.js";
import { messageOf } from "../../base/errors.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiRequest, ApiResponse } from "../server/http-types.js";
import type { StoredObject } from "../storage/storage.js";
import { BODY_BYTES_MAX, type ExpectedType, acceptValue, parseYaml } from "./body.js";
import type { ResourceCall } from "./deps.js";
import {
  type FieldManager,
  managerIdentity,
  withoutEntries,
  wireEntriesOf,
} from "./field-manager.js";
import { KUBECTL, lastAppliedFields, withLastApplied } from "./last-applied.js";
import { checkMayCreate } from "./may-create.js";
import { metadataOf, textOf } from "./object-writer.js";
import { encoderFor } from "./output.js";
import { orFail } from "./read-handlers.js";
import { resetFieldsOf } from "./reset-fields.js";
import { subresourceOf } from "./subresource-types.js";
import { type WriteDeps, namedAs, written } from "./write-handlers.js";
import { type WriteOptions, parseApplyOptions } from "./write-options.js";

/** The media type of an apply. The body is YAML, and so may be JSON. */
export const APPLY_TYPE = "application/apply-patch+yaml";

/** A configuration as a client sent it. */
export interface Configuration {
  readonly value: JsonObject;
  /** For Warning headers. */
  readonly warnings: readonly string[];
}

/** Loses the race for a free name this often, then gives up with what the last attempt got. */
const ATTEMPTS_MAX = 4;

/**
 * PATCH with APPLY_TYPE: server-side apply of an object, or of the part that a subresource stands
 * for.
 */
export async function applyObject(call: ResourceCall, deps: WriteDeps): Promise<ApiResponse> {
  const encoder = encoderFor(call, deps);
  const options = orFail(parseApplyOptions(call.request.query));
  const config = await readConfiguration(call.request, options.fieldValidation);
  checkConfiguration(config.value, call.kind, call.info.namespace);
  const warnings = [...config.warnings];
  for (let attempt = 1; ; attempt += 1) {
    try {
      const stored = await applyToExisting(call, { config, options, warnings }, deps);
      return written(encoder, stored, { status: 200, warnings });
    } catch (error) {
      if (call.info.subresource !== "" || !hasReason(error, "NotFound")) throw error;
    }
    try {
      const stored = await applyToNothing(call, { config, options, warnings }, deps);
      return written(encoder, stored, { status: 201, warnings });
    } catch (error) {
      // Somebody else created it meanwhile.
      if (!hasReason(error, "AlreadyExists") || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

interface ApplyWish {
  readonly config: Configuration;
  readonly options: WriteOptions;
  readonly warnings: string[];
}

/** Reads the body of an apply. Throws 400, or 413. */
export async function readConfiguration(
  request: ApiRequest,
  validation: FieldValidation,
): Promise<Configuration> {
  const bytes = await request.readBody(BODY_BYTES_MAX);
  const { value, duplicates } = parsedBody(bytes.toString());
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ApiFailure(badRequest("error decoding patch: the configuration must be an object"));
  }
  if (validation === "Ignore" || duplicates.length === 0) {
    return { value: value as JsonObject, warnings: [] };
  }
  const text = `error strict decoding patch: ${duplicates.join(", ")}`;
  if (validation === "Strict") throw new ApiFailure(badRequest(text));
  return { value: value as JsonObject, warnings: duplicates };
}

/** The object with a configuration applied to it, managedFields included. Throws 400 and 409. */
export function appliedTo(
  call: ResourceCall,
  live: KubernetesObject | null,
  wish: { readonly config: JsonObject; readonly options: WriteOptions; readonly nowMs: number },
): JsonObject {
  const { kind, info } = call;
  const { options } = wish;
  const by: FieldManager = { name: options.fieldManager, operation: "Apply" };
  const shape = shapeOf(typeByName(kind.typeName));
  const before = live === null ? {} : (withoutEntries(live) as unknown as PatchValue);
  const config = wish.config as PatchValue;
  const isKubectl = options.fieldManager === KUBECTL;
  const applied = applyConfig({
    live: before,
    config,
    shape,
    entries: live === null ? [] : storedEntries(wireEntriesOf(live)),
    by: managerIdentity(call, by),
    now: formatTime(wish.nowMs),
    force: options.force,
    allowedConflicts: isKubectl ? lastAppliedFields(before, kind.apiVersion, shape) : EMPTY_SET,
    resetFields: resetFieldsOf(kind, info.subresource),
    normalise: (object) => acceptValue(object as JsonValue, kind, "Ignore").object as PatchValue,
  });
  if (!applied.ok) {
    const causes = conflictCauses(applied.conflicts);
    throw new ApiFailure(failure(409, "Conflict", applied.message, { causes }));
  }
  const object = isKubectl ? withLastApplied(applied.object, config) : applied.object;
  const managedFields = encodeEntries(applied.entries) as unknown as JsonValue;
  const accepted = object as JsonObject;
  return { ...accepted, metadata: { ...metadataOf(accepted), managedFields } };
}

function applyToExisting(
  call: ResourceCall,
  { config, options, warnings }: ApplyWish,
  deps: WriteDeps,
): Promise<StoredObject> {
  const manager: FieldManager = { name: options.fieldManager, operation: "Apply" };
  return deps.writer.update({
    call,
    dryRun: options.dryRun,
    warnings,
    manager,
    subresource: subresourceOf(call.info.subresource),
    change: (old) => {
      const nowMs = deps.clock.nowMs();
      return namedAs(call, appliedTo(call, old, { config: config.value, options, nowMs }));
    },
  });
}

function applyToNothing(
  call: ResourceCall,
  { config, options, warnings }: ApplyWish,
  deps: WriteDeps,
): Promise<StoredObject> {
  checkMayCreate(call, deps);
  const nowMs = deps.clock.nowMs();
  const object = namedAs(call, appliedTo(call, null, { config: config.value, options, nowMs }));
  const manager: FieldManager = { name: options.fieldManager, operation: "Apply" };
  return deps.writer.create(object, { call, dryRun: options.dryRun, warnings, manager });
}

/** The configuration must be one of this kind, and fit its type. Throws 400. */
export function checkConfiguration(
  config: JsonObject,
  expected: Pick<ExpectedType, "apiVersion" | "kind" | "typeName">,
  namespaceOfPath: string,
): void {
  const { apiVersion, kind } = config;
  if (apiVersion !== expected.apiVersion || kind !== expected.kind) {
    const found = groupVersionKind(textOf(apiVersion), textOf(kind));
    throw new ApiFailure(badRequest(`invalid object type: ${found}`));
  }
  const { managedFields } = metadataOf(config);
  if (managedFields !== undefined && managedFields !== null) {
    throw new ApiFailure(badRequest("metadata.managedFields must be nil"));
  }
  const problem = checkConfig(config as PatchValue, shapeOf(typeByName(expected.typeName)));
  if (problem === null) return;
  const { name, namespace = namespaceOfPath } = metadataOf(config);
  const type = groupVersionKind(expected.apiVersion, expected.kind);
  const what = `${textOf(namespace)}/${textOf(name)}; ${type}`;
  throw new ApiFailure(badRequest(`failed to create typed patch object (${what}): ${problem}`));
}

/** `apps/v1, Kind=Deployment`, as Go prints it. */
function groupVersionKind(apiVersion: string, kind: string): string {
  return `${apiVersion.includes("/") ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;
}

function parsedBody(text: string): ReturnType<typeof parseYaml> {
  try {
    return parseYaml(text);
  } catch (error) {
    throw new ApiFailure(badRequest(`error decoding patch: ${messageOf(error)}`));
  }
}

function hasReason(error: unknown, reason: string): boolean {
  return error instanceof ApiFailure && error.status.reason === reason;
}
