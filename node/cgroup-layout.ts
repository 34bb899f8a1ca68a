import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { hasErrno } from "./errno.js";

/** Where cgroups are. */
export const CGROUP_MOUNT = "/sys/fs/cgroup";

/** How this machine has its cgroups. */
export interface CgroupLayout {
  readonly version: 1 | 2;
  /** Where each hierarchy is mounted; one for v2. */
  readonly hierarchies: readonly string[];
}

/** Looks whether the machine has cgroups v1 or v2. Throws a system error where it has neither. */
export async function findLayout(): Promise<CgroupLayout> {
  try {
    await access(join(CGROUP_MOUNT, "cgroup.controllers"));
    return { version: 2, hierarchies: [CGROUP_MOUNT] };
  } catch (error) {
    if (!hasErrno(error, "ENOENT")) throw error;
  }
  const entries = await readdir(CGROUP_MOUNT, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return { version: 1, hierarchies: names.map((name) => join(CGROUP_MOUNT, name)) };
}

/** The hierarchy of a controller of v1, such as cpu; it may share one with others. */
export function hierarchyOf(
  hierarchies: readonly string[],
  controller: string,
): string | undefined {
  return hierarchies.find((path) => (path.split("/").at(-1) ?? "").split(",").includes(controller));
}
