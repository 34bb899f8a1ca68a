import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { badRequest, failure } from "../../api/machinery/status.js";
import { offeredProtocols, upgradeOf } from "../../api/streaming/upgrade.js";
import { ApiFailure } from "../server/api-failure.js";

/** A client's upgrade request, not yet answered. */
export interface StreamConnection {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly query: URLSearchParams;
}

/** A refusal that tells which protocols would have been accepted. */
export class ProtocolRefused extends ApiFailure {
  readonly accepted: readonly string[];

  constructor(offered: readonly string[], accepted: readonly string[]) {
    const lists = `client supports [${offered.join(" ")}], server accepts [${accepted.join(" ")}]`;
    super(failure(403, "Forbidden", `unable to upgrade: unable to negotiate protocol: ${lists}`));
    this.accepted = accepted;
  }
}

/**
 * How a client wants to be upgraded and to what. Throws ApiFailure for an upgrade that we do not
 * know.
 */
export function wantedUpgrade(request: IncomingMessage): {
  readonly upgrade: "spdy" | "websocket";
  readonly offered: readonly string[];
} {
  const upgrade = upgradeOf(request);
  if (upgrade === null) throw new ApiFailure(badRequest("Upgrade request required"));
  const offered = offeredProtocols(request);
  if (upgrade === "spdy" && offered.length === 0)
    throw new ApiFailure(badRequest("unable to upgrade: X-Stream-Protocol-Version is required"));
  return { upgrade, offered };
}

const OPEN_TIMEOUT_MS = 20_000;

/**
 * Aborts when the client leaves before its request is answered, or opening the stream takes too
 * long.
 */
export function openingSignal(socket: Duplex): AbortSignal {
  const gone = new AbortController();
  socket.once("close", () => gone.abort());
  if (socket.destroyed) gone.abort();
  return AbortSignal.any([gone.signal, AbortSignal.timeout(OPEN_TIMEOUT_MS)]);
}
