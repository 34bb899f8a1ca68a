import {
  type FieldRequirement,
  exactFieldValue,
  matchesFields,
  parseFieldSelector,
  unknownField,
} from "../../api/machinery/field-selectors.js";
import { type Selector, parseLabelSelector } from "../../api/machinery/selectors.js";
import { badRequest } from "../../api/machinery/status.js";
import { nextTurn } from "../server/waiting.js";
import type { Parsed } from "./list-options.js";
import type { CachedObject, WatchInterest } from "./resource-cache.js";

/** The objects that a list or a watch is about. */
export interface Selection {
  /** "" for all. */
  readonly namespace: string;
  readonly labels: Selector;
  readonly fields: readonly FieldRequirement[];
  /** True: only namespace and nothing else narrows it. */
  readonly everything: boolean;
  readonly interest: WatchInterest;
  /** The same for selections that select the same for the same reason. */
  readonly text: string;
}

/** Reads the selectors of a query; `fieldNames` are the kind's own selectable fields. */
export function parseSelection(
  query: { readonly labelSelector: string; readonly fieldSelector: string },
  scope: {
    readonly namespace: string;
    readonly name: string;
    readonly fieldNames: readonly string[];
    readonly indexField: string | null;
  },
): Parsed<Selection> {
  const labels = parseLabelSelector(query.labelSelector);
  if (!labels.ok) {
    return refused(`unable to parse requirement: ${labels.message}`);
  }
  const fields = parseFieldSelector(query.fieldSelector);
  if (!fields.ok) return refused(fields.message);
  const unknown = unknownField(fields.requirements, scope.fieldNames);
  if (unknown !== null) return refused(unknown);
  const requirements = [...fields.requirements];
  if (scope.name !== "") {
    requirements.push({ field: "metadata.name", value: scope.name, negated: false });
  }
  const namespace = scope.namespace || (exactFieldValue(requirements, "metadata.namespace") ?? "");
  return {
    ok: true,
    value: {
      namespace,
      labels: labels.selector,
      fields: requirements,
      text: JSON.stringify([namespace, query.labelSelector, query.fieldSelector, scope.name]),
      everything: query.labelSelector === "" && requirements.length === 0,
      interest: {
        namespace,
        name: exactFieldValue(requirements, "metadata.name") ?? "",
        indexed: scope.indexField === null ? null : exactFieldValue(requirements, scope.indexField),
      },
    },
  };
}

/**
 * The selection as far as it can be told from an object whose own fields are not known yet; itself,
 * when it asks for none of them.
 */
export function withoutOwnFields(selection: Selection): Selection {
  const fields = selection.fields.filter(({ field }) => OF_ALL_OBJECTS.has(field));
  return fields.length === selection.fields.length ? selection : { ...selection, fields };
}

const OF_ALL_OBJECTS: ReadonlySet<string> = new Set(["metadata.name", "metadata.namespace"]);

export function selects(selection: Selection, object: CachedObject): boolean {
  if (selection.namespace !== "" && object.namespace !== selection.namespace) return false;
  if (selection.everything) return true;
  return (
    selection.labels.matches(object.labels) &&
    matchesFields(selection.fields, (field) => fieldOf(object, field))
  );
}

/** Objects looked at in one synchronous stretch. */
const SELECT_BATCH = 4_000;

/** Those of `objects` that are selected. Takes turns with others: `objects` must not change. */
export async function selectedOf(
  objects: readonly CachedObject[],
  selection: Selection,
): Promise<readonly CachedObject[]> {
  if (selection.everything) return objects;
  const found: CachedObject[] = [];
  for (let start = 0; start < objects.length; start += SELECT_BATCH) {
    if (start > 0) await nextTurn();
    for (const object of objects.slice(start, start + SELECT_BATCH)) {
      if (selects(selection, object)) found.push(object);
    }
  }
  return found;
}

function fieldOf(object: CachedObject, field: string): string {
  if (field === "metadata.name") return object.name;
  if (field === "metadata.namespace") return object.namespace;
  return object.fields[field] ?? "";
}

function refused(message: string): {
  readonly ok: false;
  readonly status: ReturnType<typeof badRequest>;
} {
  return { ok: false, status: badRequest(message) };
}
