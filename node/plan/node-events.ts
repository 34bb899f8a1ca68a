import type { NodeCondition, NodeStatus } from "../../api/schema/types/core-v1.gen.js";

/** What an Event about the node says. */
export interface NodeEvent {
  readonly reason: string;
  readonly message: string;
}

/** The reasons that Kubernetes gives when a condition becomes True, and False. */
const REASONS: Readonly<Record<string, readonly [string, string]>> = {
  Ready: ["NodeReady", "NodeNotReady"],
  MemoryPressure: ["NodeHasInsufficientMemory", "NodeHasSufficientMemory"],
  DiskPressure: ["NodeHasDiskPressure", "NodeHasNoDiskPressure"],
  PIDPressure: ["NodeHasInsufficientPID", "NodeHasSufficientPID"],
};

/** An event for each condition that the new status turns; `before` is what the server had. */
export function nodeStatusEvents(
  name: string,
  before: NodeStatus | undefined,
  after: NodeStatus,
): readonly NodeEvent[] {
  const statusOf = (status: NodeStatus | undefined, type: string): NodeCondition["status"] | null =>
    status?.conditions?.find((condition) => condition.type === type)?.status ?? null;
  return Object.entries(REASONS).flatMap(([type, [whenTrue, whenFalse]]) => {
    const now = statusOf(after, type);
    if (now === null || now === statusOf(before, type)) return [];
    const reason = now === "True" ? whenTrue : whenFalse;
    return [{ reason, message: `Node ${name} status is now: ${reason}` }];
  });
}
