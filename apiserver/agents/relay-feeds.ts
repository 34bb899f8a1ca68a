import type { Clock } from "../../base/clock.js";
import { FRAME_BYTES_MAX } from "../../gossip/frame-codec.js";
import { parseLiveness } from "../../gossip/liveness-line.js";
import { parseUsageLine } from "../../gossip/usage-line.js";
import { LIVENESS_PATH } from "./liveness-handler.js";
import type { LivenessTable } from "./liveness-table.js";
import type { ServerFeed } from "./server-relay.js";
import { USAGE_PATH } from "./usage-handler.js";
import type { UsageTable } from "./usage-table.js";

/** Which nodes are linked to another server. */
export function livenessFeed(table: LivenessTable, clock: Clock): ServerFeed {
  return {
    path: `${LIVENESS_PATH}?heard=1`,
    lineBytesMax: 4_096,
    what: "the liveness of nodes",
    line: (line, server) => {
      const { node, state } = parseLiveness(line);
      const now = { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
      if (state === "alive") table.heard(node, now, server);
      else if (state === "left") table.left(node);
    },
    lost: (server) => table.serverLost(server, clock.monotonicMs()),
  };
}

/** What nodes that are linked to another server used. */
export function usageFeed(table: UsageTable, clock: Clock): ServerFeed {
  return {
    path: USAGE_PATH,
    // The same in JSON is longer than in a frame, but not that much.
    lineBytesMax: 4 * FRAME_BYTES_MAX,
    what: "the usage of nodes",
    line: (line, server) =>
      table.relayed(parseUsageLine(line), { server, monotonicMs: clock.monotonicMs() }),
    // What it told is shown until it is old.
    lost: () => {},
  };
}
