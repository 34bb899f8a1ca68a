import { internalError, type StatusBody } from "../../api/machinery/status.js";
import { UpgradeRefused } from "../../api/streaming/upgrade.js";
import { messageOf } from "../../base/errors.js";
import { ApiFailure, toApiFailure } from "../server/api-failure.js";

/** The Status in an agent's answer; an answer that is none becomes a 500 with its text. */
export function statusFromAgent(code: number, body: string): StatusBody {
  const parsed = parseStatus(body);
  if (parsed !== null && code >= 400) return parsed;
  return internalError(`the node answered ${code}: ${body.trim().slice(0, 1024)}`);
}

/** What to tell a client whose stream could not be opened. */
export function streamFailure(error: unknown): StatusBody {
  if (error instanceof ApiFailure) return error.status;
  if (error instanceof UpgradeRefused) return statusFromAgent(error.statusCode, error.body);
  if (isNetworkError(error)) return internalError(`error dialing backend: ${messageOf(error)}`);
  return toApiFailure(error).status;
}

function parseStatus(body: string): StatusBody | null {
  try {
    const value = JSON.parse(body) as Partial<StatusBody> | null;
    return value?.kind === "Status" && typeof value.code === "number"
      ? (value as StatusBody)
      : null;
  } catch {
    return null; // Plain text, from something that is not an agent.
  }
}

/** Node's network errors carry the system's code, such as ECONNREFUSED. */
function isNetworkError(error: unknown): boolean {
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  return typeof code === "string" && (syscall !== undefined || code.startsWith("ERR_TLS"));
}
