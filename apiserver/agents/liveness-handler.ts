import { livenessLine } from "../../gossip/liveness-line.js";
import type { RawHandler, ResponseSink } from "../server/http-types.js";
import { follow, plain } from "./follow-stream.js";
import type { LivenessTable } from "./liveness-table.js";

/**
 * Where the liveness of nodes is read; `?watch=1` follows it. `?heard=1`, for other servers: which
 * nodes are linked to this server, again and again.
 */
export const LIVENESS_PATH = "/raftsman/v1/liveness";

/** A follower that is this far behind is cut off: it comes again and gets a full listing. */
const BACKLOG_BYTES_MAX = 1 << 20;

/** How often another server is told of the nodes that were heard, or that there are none. */
export const HEARD_MS = 250;

/** What is told to other servers: what this server heard itself. */
export interface HeardNodes {
  /** Calls `listener` with every message for other servers; the returned function ends that. */
  readonly subscribe: (listener: (message: Buffer) => void) => () => void;
}

/**
 * Answers with one NodeLiveness a line (JSON): all that is known, and with `watch=1` then every
 * transition until the client goes away or `closing` aborts.
 */
export function livenessHandler(
  { table, heard }: { readonly table: LivenessTable; readonly heard: HeardNodes },
  closing: AbortSignal,
): RawHandler {
  const options = { closing, backlogBytesMax: BACKLOG_BYTES_MAX };
  return {
    matches: (path) => path === LIVENESS_PATH,
    async handle(request) {
      if (request.method !== "GET") return plain(405, "only GET\n", { allow: "GET" });
      const watch = request.query.get("watch");
      const follows = watch !== null && watch !== "0" && watch !== "false";
      const headers = { "content-type": "application/json" };
      if (request.query.get("heard") === "1") {
        const run = (sink: ResponseSink): Promise<void> => follow(sink, options, heard.subscribe);
        return { status: 200, headers, body: { type: "stream", run } };
      }
      if (!follows) return plain(200, table.list().map(livenessLine).join(""), headers);
      const run = (sink: ResponseSink): Promise<void> => followTable(table, sink, closing);
      return { status: 200, headers, body: { type: "stream", run } };
    },
  };
}

function followTable(
  table: LivenessTable,
  sink: ResponseSink,
  closing: AbortSignal,
): Promise<void> {
  return follow(sink, { closing, backlogBytesMax: BACKLOG_BYTES_MAX }, (send) => {
    const unsubscribe = table.subscribe((liveness) => send(Buffer.from(livenessLine(liveness))));
    // One write for the listing; transitions can only come after it, in another turn of the event
    // loop. The empty line at its end sends the headers out even when nobody is known yet.
    send(Buffer.from(`${table.list().map(livenessLine).join("")}\n`));
    return unsubscribe;
  });
}
