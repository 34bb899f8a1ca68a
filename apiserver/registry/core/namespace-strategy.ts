import { type FieldError, invalid } from "../../../api/machinery/field-errors.js";
import type { Namespace } from "../../../api/schema/types/core-v1.gen.js";
import { nameIsDnsLabel } from "../common/name-validators.js";
import { validateFinalizerName } from "../common/object-meta.js";
import { withSpecOf, withStatusOf } from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import { ageOf } from "../common/age.js";
import type { Strategy, TableDefinition } from "../strategy.js";

/** The finalizer that keeps a namespace until all that is in it is gone. */
const KUBERNETES_FINALIZER = "kubernetes";
const NAME_LABEL = "kubernetes.io/metadata.name";

const table: TableDefinition<Namespace> = {
  columns: [
    NAME_COLUMN,
    column("Status", "Whether the namespace is in use or being emptied."),
    AGE_COLUMN,
  ],
  cells: (namespace, nowMs) => [
    namespace.metadata.name,
    namespace.status?.phase ?? "",
    ageOf(namespace.metadata.creationTimestamp, nowMs),
  ],
};

/**
 * Namespaces: Active until deleted, then Terminating until the `kubernetes` finalizer is taken off
 * through /finalize.
 */
export const namespaceStrategy: Strategy<Namespace> = {
  validateName: nameIsDnsLabel,
  prepareForCreate(namespace) {
    const finalizers = namespace.spec.finalizers ?? [];
    return withNameLabel({
      ...namespace,
      spec: {
        ...namespace.spec,
        finalizers: finalizers.includes(KUBERNETES_FINALIZER)
          ? finalizers
          : [...finalizers, KUBERNETES_FINALIZER],
      },
      status: { phase: "Active" },
    });
  },
  prepareForUpdate(namespace, old, subresource) {
    const labelled = withNameLabel(namespace);
    if (subresource === "status") return withSpecOf(labelled, old);
    if (subresource === "finalize") return withStatusOf(labelled, old);
    return withSpecOf(withStatusOf(labelled, old), old);
  },
  validate: validateFinalizers,
  validateUpdate(namespace, _old, subresource) {
    return subresource === "status" ? validatePhase(namespace) : validateFinalizers(namespace);
  },
  selectableFields: { "status.phase": (namespace) => namespace.status?.phase ?? "" },
  table,
};

/** Every namespace can be selected by a label that carries its name. */
function withNameLabel(namespace: Namespace): Namespace {
  const { metadata } = namespace;
  const labels = { ...metadata.labels, [NAME_LABEL]: metadata.name };
  return { ...namespace, metadata: { ...metadata, labels } };
}

function validateFinalizers(namespace: Namespace): readonly FieldError[] {
  return (namespace.spec.finalizers ?? []).flatMap((finalizer) =>
    validateFinalizerName(finalizer, "spec.finalizers"),
  );
}

function validatePhase(namespace: Namespace): readonly FieldError[] {
  const phase = namespace.status?.phase ?? "";
  const deleted = namespace.metadata.deletionTimestamp !== undefined;
  const expected = deleted ? "Terminating" : "Active";
  if (phase === expected) return [];
  const state = deleted ? "not empty" : "empty";
  return [
    invalid(
      "status.Phase", // With a capital, as Kubernetes answers.
      phase,
      `may only be '${expected}' if \`deletionTimestamp\` is ${state}`,
    ),
  ];
}
