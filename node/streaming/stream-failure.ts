import { type StatusBody, failure, internalError, notFound } from "../../api/machinery/status.js";
import { UpgradeRefused } from "../../api/streaming/upgrade.js";
import { messageOf } from "../../base/errors.js";
import { PodStreamError } from "./pod-streams.js";

/** A stream that cannot be had: the Status to answer with. */
export class StreamRefused extends Error {
  override readonly name = "StreamRefused";
  readonly status: StatusBody;

  constructor(status: StatusBody) {
    super(status.message ?? "");
    this.status = status;
  }
}

/** The pod is not on this node (any more). */
export function podNotFound(name: string): StreamRefused {
  return new StreamRefused(notFound({ group: "", resource: "pods" }, name));
}

/** Turns whatever went wrong while a stream was opened into the Status for the client. */
export function toStreamStatus(error: unknown): StatusBody {
  if (error instanceof StreamRefused) return error.status;
  if (error instanceof UpgradeRefused)
    return internalError(`the container runtime refused the stream: ${error.body.trim()}`);
  if (error instanceof PodStreamError) {
    if (error.code === "NotFound") return failure(404, "NotFound", error.message);
    if (error.code === "Unsupported") return failure(400, "BadRequest", error.message);
  }
  return internalError(messageOf(error));
}
