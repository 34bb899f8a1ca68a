import type { Clock } from "../../base/clock.js";
import { usageLine } from "../../gossip/usage-line.js";
import type { RawHandler, ResponseSink } from "../server/http-types.js";
import { follow, plain } from "./follow-stream.js";
import type { UsageTable } from "./usage-table.js";

/** Where other servers read what the agents that are linked here tell of usage. */
export const USAGE_PATH = "/raftsman/v1/usage";

/** How often an empty line says that this server is there. */
const ALIVE_MS = 500;
/** All nodes of a large cluster; a follower beyond that stands still. */
const BACKLOG_BYTES_MAX = 64 << 20;

/**
 * Answers with one NamedUsage a line (JSON): what was heard here, and then everything new until the
 * client goes away or `closing` aborts.
 */
export function usageHandler(
  { table, clock }: { readonly table: UsageTable; readonly clock: Clock },
  closing: AbortSignal,
): RawHandler {
  const options = { closing, backlogBytesMax: BACKLOG_BYTES_MAX };
  const subscribe = (send: (message: Buffer) => void): (() => void) => {
    const unsubscribe = table.subscribe((named) => send(Buffer.from(usageLine(named))));
    send(Buffer.from(`${table.heardHere().map(usageLine).join("")}\n`));
    let cancel = (): void => {};
    const alive = (): void => {
      cancel = clock.schedule(ALIVE_MS, alive);
      send(Buffer.from("\n"));
    };
    cancel = clock.schedule(ALIVE_MS, alive);
    return () => {
      unsubscribe();
      cancel();
    };
  };
  return {
    matches: (path) => path === USAGE_PATH,
    async handle(request) {
      if (request.method !== "GET") return plain(405, "only GET\n", { allow: "GET" });
      const run = (sink: ResponseSink): Promise<void> => follow(sink, options, subscribe);
      const headers = { "content-type": "application/json" };
      return { status: 200, headers, body: { type: "stream", run } };
    },
  };
}
