import type { KubernetesObject } from "../../../api/schema/wire-types.js";
import type { TableColumn, TableDefinition } from "../strategy.js";

/** A column that is always shown. */
export function column(
  name: string,
  description: string,
  type: TableColumn["type"] = "string",
): TableColumn {
  return { name, type, description, priority: 0 };
}

/** A column shown with -o wide. */
export function wideColumn(
  name: string,
  description: string,
  type: TableColumn["type"] = "string",
): TableColumn {
  return { name, type, description, priority: 1 };
}

/** The first column of every table. */
export const NAME_COLUMN: TableColumn = {
  name: "Name",
  type: "string",
  format: "name",
  description: "The name of the object, unique among its kind within its namespace.",
  priority: 0,
};

/** The column that says how long ago the object was created. */
export const AGE_COLUMN: TableColumn = column("Age", "The time since the object was created.");

/** The table of a kind that has none of its own. */
export const DEFAULT_TABLE: TableDefinition<KubernetesObject> = {
  columns: [
    NAME_COLUMN,
    { ...column("Created At", "When the object was created, in UTC.", "date") },
  ],
  cells: (object) => [object.metadata.name, object.metadata.creationTimestamp],
};
