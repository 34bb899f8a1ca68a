import { waitMs } from "../api/client/waiting.js";
import type { Container, LifecycleHandler } from "../api/schema/types/core-v1.gen.js";
import type { NodeContext } from "./node-context.js";
import { runProbe } from "./probes/probe-runner.js";

/**
 * Runs a postStart or preStop hook to its end or until `timeoutMs` is over. Returns null, or why
 * it failed. Throws only when the signal aborts.
 */
export async function runHook(
  context: NodeContext,
  handler: LifecycleHandler,
  target: {
    readonly container: Container;
    readonly containerId: string;
    readonly podIp: string;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  },
): Promise<string | null> {
  if (handler.sleep !== undefined) {
    const sleepMs = Math.min(handler.sleep.seconds * 1000, target.timeoutMs);
    await waitMs(context.clock, sleepMs, target.signal);
    target.signal.throwIfAborted();
    return null;
  }
  const outcome = await runProbe(context.runtime, handler, target);
  // The kubelet asks, and does not look at the code of the answer.
  if (handler.httpGet !== undefined && outcome.answered === true) return null;
  return outcome.ok ? null : outcome.message;
}
