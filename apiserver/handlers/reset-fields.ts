import {
  EMPTY_SET,
  type FieldSet,
  FieldSetBuilder,
} from "../../api/machinery/managed-fields/field-set.js";
import { fieldElement } from "../../api/machinery/managed-fields/path-element.js";
import type { KindInfo } from "../../api/schema/kinds.js";
import { typeByName } from "../../api/schema/type-schema.js";

/** Fields of metadata that a write to the status leaves as they are, by kind. */
const KEPT_BY_STATUS: Readonly<Record<string, readonly string[]>> = {
  Deployment: ["labels"],
  Pod: ["deletionTimestamp", "ownerReferences"],
  ReplicaSet: ["labels"],
};

/** The fields of a Pod's spec that a part of it can change. */
const SPEC_OF_PART: Readonly<Record<string, readonly string[]>> = {
  ephemeralcontainers: ["ephemeralContainers"],
  resize: ["containers", "initContainers"],
};

/**
 * What a write through this path (a subresource, "" the object itself) cannot change, whatever it
 * says. Nobody comes to manage a field by saying it where it is not listened to.
 */
export function resetFieldsOf(kind: KindInfo, subresource: string): FieldSet {
  const key = `${kind.typeName}/${subresource}`;
  let fields = known.get(key);
  if (fields === undefined) {
    fields = collect(kind, subresource);
    known.set(key, fields);
  }
  return fields;
}

const known = new Map<string, FieldSet>();

const ALWAYS_HEARD: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"]);

function collect(kind: KindInfo, subresource: string): FieldSet {
  const { fields } = typeByName(kind.typeName);
  const builder = new FieldSetBuilder();
  const addAll = (names: readonly string[], under: readonly string[]): void => {
    for (const name of names) builder.add([...under, name].map(fieldElement));
  };
  const parts = fields.map(({ name }) => name).filter((name) => !ALWAYS_HEARD.has(name));
  const heard = SPEC_OF_PART[subresource];
  if (subresource === "status") {
    addAll(
      parts.filter((name) => name !== "status"),
      [],
    );
    addAll(KEPT_BY_STATUS[kind.kind] ?? [], ["metadata"]);
  } else if (heard !== undefined) {
    addAll(
      parts.filter((name) => name !== "spec"),
      [],
    );
    addAll(otherSpecFields(kind, heard), ["spec"]);
  } else if (kind.subresources.some(({ name }) => name === "status")) {
    addAll(["status"], []);
  }
  const set = builder.build();
  return Object.keys(set).length === 0 ? EMPTY_SET : set;
}

function otherSpecFields(kind: KindInfo, heard: readonly string[]): readonly string[] {
  const spec = typeByName(kind.typeName).fieldByName.get("spec");
  if (spec?.type.kind !== "message") return [];
  return spec.type.type.fields.map(({ name }) => name).filter((name) => !heard.includes(name));
}
