import { CodedError } from "../base/errors.js";
import type { NodeLiveness } from "./heartbeat-types.js";

/** One line of the stream of liveness: JSON, with its end. */
export function livenessLine(liveness: NodeLiveness): string {
  return `${JSON.stringify(liveness)}\n`;
}

/** Reads one line of the stream. Throws CodedError "BadLiveness". */
export function parseLiveness(line: string): NodeLiveness {
  const value = JSON.parse(line) as Partial<Record<keyof NodeLiveness, unknown>> | null;
  const { node, state, lastHeartbeatMs } = value ?? {};
  if (
    typeof node === "string" &&
    (state === "alive" || state === "dead" || state === "left") &&
    typeof lastHeartbeatMs === "number"
  )
    return { node, state, lastHeartbeatMs };
  throw new CodedError("BadLiveness", "not the liveness of a node", { details: { line } });
}
