import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from "../../api/machinery/field-errors.js";
import { badRequest, invalidObject } from "../../api/machinery/status.js";
import type { FieldValidation } from "../../api/schema/decode.js";
import type { DeleteOptions } from "../../api/schema/types/meta-v1.gen.js";
import type { Parsed } from "../storage/list-options.js";

/** The query of a create, update or patch, checked. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  /** "" when the client named none. */
  readonly fieldManager: string;
  /** Server-side apply alone. */
  readonly force: boolean;
}

const FIELD_MANAGER_MAX = 128;
const VALIDATIONS: readonly string[] = ["Ignore", "Strict", "Warn"];
const IGNORE_READ_ERRORS = "ignoreStoreReadErrorWithClusterBreakingPotential";
const POLICIES: readonly string[] = ["Background", "Foreground", "Orphan"];

/** Reads the query of a write; `kind` names the options in the message, such as CreateOptions. */
export function parseWriteOptions(query: URLSearchParams, kind: string): Parsed<WriteOptions> {
  const isPatch = kind === PATCH_OPTIONS;
  return parseOptions(query, kind, isPatch && query.has("force") ? [FORCE_WITHOUT_APPLY] : []);
}

/** Reads the query of an apply, which must say who applies. */
export function parseApplyOptions(query: URLSearchParams): Parsed<WriteOptions> {
  const isNamed = (query.get("fieldManager") ?? "") !== "";
  return parseOptions(query, PATCH_OPTIONS, isNamed ? [] : [APPLY_WITHOUT_MANAGER]);
}

const PATCH_OPTIONS = "PatchOptions";
const FORCE_WITHOUT_APPLY = forbidden("force", "may not be specified for non-apply patch");
// kubectl names itself; whoever else applies must too.
const APPLY_WITHOUT_MANAGER = required("fieldManager", "is required for apply patch");

function parseOptions(
  query: URLSearchParams,
  kind: string,
  problems: readonly FieldError[],
): Parsed<WriteOptions> {
  const dryRun = query.getAll("dryRun");
  const validation = query.get("fieldValidation") ?? "";
  const fieldManager = query.get("fieldManager") ?? "";
  const errors: FieldError[] = [...problems, ...dryRunErrors(dryRun)];
  if (validation !== "" && !VALIDATIONS.includes(validation)) {
    errors.push(notSupported("fieldValidation", validation, VALIDATIONS));
  }
  if (fieldManager.length > FIELD_MANAGER_MAX) {
    errors.push(tooLong("fieldManager", FIELD_MANAGER_MAX));
  } else if (/[\p{C}\p{Zl}\p{Zp}]/u.test(fieldManager)) {
    errors.push(invalid("fieldManager", fieldManager, "should only contain printable characters"));
  }
  if (errors.length > 0) return refused(kind, errors);
  return {
    ok: true,
    value: {
      dryRun: dryRun.length > 0,
      fieldValidation: validation === "" ? "Warn" : (validation as FieldValidation),
      fieldManager,
      force: isTrue(query.get("force")),
    },
  };
}

/** Whatever is not "false" or 0 says yes. */
function isTrue(text: string | null): boolean {
  return text !== null && text !== "0" && text.toLowerCase() !== "false";
}

export type PropagationPolicy = "Background" | "Foreground" | "Orphan";

/** How to delete, from the body or the query, checked. */
export interface DeletePlan {
  readonly dryRun: boolean;
  /** null: the kind's own. */
  readonly graceSeconds: number | null;
  /** null: what the object's finalizers say already. */
  readonly propagation: PropagationPolicy | null;
  readonly uid: string | null;
  readonly resourceVersion: string | null;
}

/**
 * Checks DeleteOptions from a body; without a body they come from the query. A dry run is one
 * wherever it is asked for: to delete what somebody meant to try is worse than to ask twice.
 */
export function parseDeleteOptions(
  query: URLSearchParams,
  body: DeleteOptions | null,
): Parsed<DeletePlan> {
  const options = body ?? deleteOptionsOfQuery(query);
  if (typeof options === "string") return { ok: false, status: badRequest(options) };
  const dryRun = [...(options.dryRun ?? []), ...(body === null ? [] : query.getAll("dryRun"))];
  const errors = deleteErrors({ ...options, dryRun });
  if (errors.length > 0) return refused("DeleteOptions", errors);
  const { orphanDependents, propagationPolicy, preconditions } = options;
  const legacy = orphanDependents === undefined ? null : orphanDependents ? "Orphan" : "Background";
  return {
    ok: true,
    value: {
      dryRun: dryRun.length > 0,
      graceSeconds: options.gracePeriodSeconds ?? null,
      propagation: (propagationPolicy as PropagationPolicy | undefined) ?? legacy,
      uid: preconditions?.uid ?? null,
      resourceVersion: preconditions?.resourceVersion ?? null,
    },
  };
}

function deleteErrors(options: DeleteOptions): FieldError[] {
  const errors = [...dryRunErrors(options.dryRun ?? [])];
  const { propagationPolicy, orphanDependents, gracePeriodSeconds } = options;
  if (propagationPolicy !== undefined && orphanDependents !== undefined) {
    const text = "orphanDependents and deletionPropagation cannot be both set";
    errors.push(invalid("propagationPolicy", propagationPolicy, text));
  }
  if (propagationPolicy !== undefined && !POLICIES.includes(propagationPolicy)) {
    errors.push(notSupported("propagationPolicy", propagationPolicy, [...POLICIES, "nil"]));
  }
  if (gracePeriodSeconds !== undefined && gracePeriodSeconds < 0) {
    const text = "must be greater than or equal to 0";
    errors.push(invalid("gracePeriodSeconds", gracePeriodSeconds, text));
  }
  if (options[IGNORE_READ_ERRORS] === true) {
    const text = "this server has no objects that can be listed but not read";
    errors.push(forbidden(IGNORE_READ_ERRORS, text));
  }
  return errors;
}

function deleteOptionsOfQuery(query: URLSearchParams): DeleteOptions | string {
  const grace = query.get("gracePeriodSeconds");
  const policy = query.get("propagationPolicy");
  const orphan = query.get("orphanDependents");
  const dryRun = query.getAll("dryRun");
  if (grace !== null && !/^-?\d{1,15}$/u.test(grace)) {
    return `strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`;
  }
  return {
    ...(grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(policy === null ? {} : { propagationPolicy: policy }),
    ...(orphan === null ? {} : { orphanDependents: orphan === "true" }),
    ...(dryRun.length === 0 ? {} : { dryRun }),
    ...(isTrue(query.get(IGNORE_READ_ERRORS)) ? { [IGNORE_READ_ERRORS]: true } : {}),
  };
}

function dryRunErrors(values: readonly string[]): FieldError[] {
  return values
    .filter((value) => value !== "All")
    .map((value) => notSupported("dryRun", value, ["All"]));
}

function refused(
  kind: string,
  errors: readonly FieldError[],
): { readonly ok: false; readonly status: ReturnType<typeof invalidObject> } {
  return { ok: false, status: invalidObject({ group: "meta.k8s.io", kind }, "", errors) };
}
