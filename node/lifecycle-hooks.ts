import { waitMs } from "../api/client/waiting.js";
import type {
  Container,
  HTTPGetAction,
  LifecycleHandler,
  Pod,
} from "../api/schema/types/core-v1.gen.js";
import type { NodeContext } from "./node-context.js";
import type { ProbeOutcome } from "./plan/probe-state.js";
import { recordPodEvent } from "./pod-events.js";
import { portNumber, runProbe } from "./probes/probe-runner.js";

/**
 * Runs a postStart or preStop hook to its end or until `timeoutMs` is over. Returns null, or why
 * it failed. Throws only when the signal aborts.
 */
export async function runHook(
  context: NodeContext,
  handler: LifecycleHandler,
  target: {
    readonly pod: Pod;
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
  if (isAnswered(handler, outcome)) return null;
  if (handler.httpGet === undefined || outcome.noTls !== true) return outcome.message;
  const plain = { httpGet: withoutTls(handler.httpGet) };
  if (!isAnswered(plain, await runProbe(context.runtime, plain, target))) return outcome.message;
  const host = `${handler.httpGet.host || target.podIp}:${portNumber(target.container, handler.httpGet.port)}`;
  recordPodEvent(context.recorder, target.pod, {
    type: "Warning",
    reason: "LifecycleHTTPFallback",
    message: `request to HTTPS lifecycle hook ${host} got HTTP response, retry with HTTP succeeded`,
  });
  return null;
}

/** Of an HTTP answer the kubelet does not look at the code. */
function isAnswered({ httpGet }: LifecycleHandler, outcome: ProbeOutcome): boolean {
  return outcome.ok || (httpGet !== undefined && outcome.answered === true);
}

/** Hooks of old were always asked by HTTP. What only TLS kept secret is not sent without it. */
function withoutTls(action: HTTPGetAction): HTTPGetAction {
  const { httpHeaders = [] } = action;
  const open = httpHeaders.filter(({ name }) => name.toLowerCase() !== "authorization");
  return { ...action, scheme: "HTTP", httpHeaders: open };
}
