import type { PodRuntime } from "./pod-runtime.js";

/** What of a living pod the runtime may forget. */
export interface PodGarbage {
  readonly containerIds: readonly string[];
  readonly sandboxIds: readonly string[];
}

/**
 * Of every container the newest attempt and the one before it are kept, for the status and for
 * `logs --previous`; a sandbox that has ended goes with its last container, except the newest.
 */
export function planPodGarbage(runtime: PodRuntime): PodGarbage {
  const seen = new Map<string, number>();
  const containerIds: string[] = [];
  const inUse = new Set<string>();
  for (const record of runtime.containers) {
    const newer = seen.get(record.name) ?? 0;
    seen.set(record.name, newer + 1);
    if (newer >= 2 && record.state !== "running") containerIds.push(record.id);
    else inUse.add(record.sandboxId);
  }
  const sandboxIds = runtime.sandboxes
    .slice(1)
    .filter((sandbox) => !sandbox.ready && !inUse.has(sandbox.id))
    .map(({ id }) => id);
  return { containerIds, sandboxIds };
}
