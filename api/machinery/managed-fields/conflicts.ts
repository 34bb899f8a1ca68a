import type { ManagerIdentity } from "./managed-entries.js";
import { describePath } from "./path-element.js";

/** A field that an applier wants otherwise than the manager that has it. */
export interface FieldConflict {
  readonly with: ManagerIdentity;
  readonly path: readonly string[];
}

/**
 * `Apply failed with 1 conflict: conflict with "A" using apps/v1: .spec.replicas`; several are
 * grouped by manager.
 */
export function describeConflicts(conflicts: readonly FieldConflict[]): string {
  const [only] = conflicts;
  if (only !== undefined && conflicts.length === 1) {
    const where = describePath(only.path);
    return `Apply failed with 1 conflict: conflict with ${describeManager(only.with)}: ${where}`;
  }
  const groups = new Map<string, string[]>();
  for (const conflict of conflicts) {
    const manager = describeManager(conflict.with);
    const lines = groups.get(manager) ?? [`conflicts with ${manager}:`];
    groups.set(manager, [...lines, `- ${describePath(conflict.path)}`]);
  }
  const lines = [...groups.values()].flat();
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join("\n")}`;
}

/** One cause for each conflict, as clients take them apart. */
export function conflictCauses(
  conflicts: readonly FieldConflict[],
): { readonly reason: string; readonly message: string; readonly field: string }[] {
  return conflicts.map((conflict) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${describeManager(conflict.with)}`,
    field: describePath(conflict.path),
  }));
}

function describeManager(of: ManagerIdentity): string {
  const name = JSON.stringify(of.manager);
  const part = of.subresource === "" ? "" : ` with subresource ${JSON.stringify(of.subresource)}`;
  return `${name}${part}${of.operation === "Update" ? ` using ${of.apiVersion}` : ""}`;
}
