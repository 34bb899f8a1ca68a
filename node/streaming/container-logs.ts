import type { ServerResponse } from "node:http";
import { badRequest } from "../../api/machinery/status.js";
import type { Clock } from "../../base/clock.js";
import { chooseLogContainer } from "./log-container.js";
import { sortableTimestamp } from "./log-line.js";
import { readLog } from "./log-reader.js";
import type { PodStreams } from "./pod-streams.js";
import { podNotFound, StreamRefused } from "./stream-failure.js";
import { parseLogQuery } from "./stream-target.js";

/**
 * Answers with a container's log as plain text, for as long as the client follows. Throws (see
 * toStreamStatus) while nothing was answered yet; later failures cut the answer off.
 */
export async function serveContainerLogs(
  response: ServerResponse,
  target: {
    readonly namespace: string;
    readonly pod: string;
    readonly container: string;
    readonly query: URLSearchParams;
  },
  deps: { readonly streams: PodStreams; readonly clock: Clock },
): Promise<void> {
  const { streams, clock } = deps;
  const query = parseLogQuery(target.query, clock.nowMs());
  if (query === null) throw new StreamRefused(badRequest("malformed log options"));
  const pod = streams.pod(target.namespace, target.pod);
  if (pod === null) throw podNotFound(target.pod);
  const choice = chooseLogContainer(
    { name: target.pod, status: pod.status },
    target.container,
    query.previous,
  );
  if (choice.type === "none") throw new StreamRefused(badRequest(choice.message));
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const log = await streams.containerLog(choice.id, gone.signal);
  if (log === null)
    throw new StreamRefused(
      badRequest(`the log of container "${target.container}" in pod "${target.pod}" is gone`),
    );
  const isRunning = async (): Promise<boolean> =>
    (await streams.containerLog(choice.id, gone.signal))?.running ?? false;
  const since = query.sinceMs === null ? null : new Date(query.sinceMs).toISOString();
  const chunks = readLog(
    {
      path: log.path,
      follow: query.follow,
      timestamps: query.timestamps,
      tailLines: query.tailLines,
      limitBytes: query.limitBytes,
      since: since === null ? null : sortableTimestamp(since),
    },
    { clock, isRunning, signal: gone.signal },
  );
  response.writeHead(200, { "Content-Type": "text/plain" });
  // A quiet log is followed too: the client must not wait for its first line.
  response.flushHeaders();
  try {
    for await (const chunk of chunks) {
      if (!response.write(chunk)) await drained(response, gone.signal);
    }
    response.end();
  } catch {
    response.destroy();
  }
}

function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      response.off("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    response.once("drain", done);
    signal.addEventListener("abort", done);
  });
}
