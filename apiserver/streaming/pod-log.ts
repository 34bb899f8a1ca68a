import type { IncomingMessage } from "node:http";
import { Agent, type RequestOptions, request as httpsRequest } from "node:https";
import { internalError, invalidObject } from "../../api/machinery/status.js";
import { ApiFailure } from "../server/api-failure.js";
import type {
  ApiRequest,
  ApiResponse,
  ResponseSink,
  SubresourceHandler,
  SubresourceTarget,
} from "../server/http-types.js";
import { assert } from "../../base/assert.js";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import type { AgentCredentials } from "./agent-credentials.js";
import { statusFromAgent } from "./agent-status.js";
import { chooseContainer } from "./container-choice.js";
import { parseLogOptions } from "./log-options.js";
import { agentUrl } from "./node-endpoint.js";
import type { PodLocator } from "./pod-locator.js";

const CONNECT_TIMEOUT_MS = 15_000;
const REFUSAL_BYTES_MAX = 64 * 1024;
/** How much of a log may wait for a slow client. */
const BACKLOG_BYTES = 256 * 1024;
const IDLE_CONNECTIONS_MAX = 64;

/**
 * A log that an agent is sending; null when the pod has no node yet and therefore nothing to say.
 */
export type OpenLog = IncomingMessage | null;

/** Opens container logs on agents. */
export class PodLogs {
  private readonly locator: PodLocator;
  private readonly credentials: AgentCredentials;
  private readonly clock: Clock;
  private readonly agent = new Agent({ keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS_MAX });

  constructor(deps: { locator: PodLocator; credentials: AgentCredentials; clock: Clock }) {
    this.clock = deps.clock;
    this.locator = deps.locator;
    this.credentials = deps.credentials;
  }

  /** The log flows until it ends or the signal aborts. Throws ApiFailure. */
  async open(
    target: { readonly namespace: string; readonly pod: string },
    query: URLSearchParams,
    signal: AbortSignal,
  ): Promise<OpenLog> {
    const options = parseLogOptions(query);
    if (options.errors.length > 0)
      throw new ApiFailure(
        invalidObject({ group: "", kind: "PodLogOptions" }, target.pod, options.errors),
      );
    const pod = await this.locator.pod(target.namespace, target.pod);
    const choice = chooseContainer(pod, options.container);
    if (choice.type === "refused") throw new ApiFailure(choice.status);
    if ((pod.spec.nodeName ?? "") === "") return null;
    const endpoint = await this.locator.agentOf(pod);
    const path = ["", "containerLogs", target.namespace, target.pod, choice.name]
      .map(encodeURIComponent)
      .join("/");
    const url = agentUrl(endpoint, path, options.query);
    const response = await this.get(url, endpoint.node, signal);
    if (response.statusCode === 200) return response;
    const body = await readRefusal(response);
    throw new ApiFailure(statusFromAgent(response.statusCode ?? 0, body));
  }

  close(): void {
    this.agent.destroy();
  }

  /** Null when a connection that was kept from an earlier call failed. */
  private fetch(url: URL, options: RequestOptions): Promise<IncomingMessage | null> {
    return new Promise((resolve, reject) => {
      const request = httpsRequest(url, options);
      request.once("response", resolve);
      request.once("error", (error) => {
        if (request.reusedSocket && options.signal?.aborted !== true) resolve(null);
        else reject(error);
      });
      request.end();
    });
  }

  private async get(url: URL, node: string, signal: AbortSignal): Promise<IncomingMessage> {
    const tls = await this.credentials.forNode(node);
    const deadline = new AbortController();
    const cancel = this.clock.schedule(CONNECT_TIMEOUT_MS, () => deadline.abort());
    const options = { signal: AbortSignal.any([signal, deadline.signal]), ...tls };
    try {
      const kept = await this.fetch(url, { ...options, agent: this.agent });
      // The agent closes what was idle for some seconds, perhaps at this very moment, or started
      // again: that says nothing of the log.
      const answer = kept ?? (await this.fetch(url, { ...options, agent: false }));
      assert(answer !== null, "a connection of its own is never one that was kept");
      return answer;
    } catch (error) {
      throw new ApiFailure(internalError(`Get "${url.href}": ${messageOf(error)}`));
    } finally {
      cancel();
    }
  }
}

/** GET pods/log: plain text, as long as the client listens. */
export class PodLogHandler implements SubresourceHandler {
  readonly resource = "pods";
  readonly subresource = "log";
  private readonly logs: PodLogs;

  constructor(logs: PodLogs) {
    this.logs = logs;
  }

  async handle(request: ApiRequest, target: SubresourceTarget): Promise<ApiResponse> {
    const { namespace, name: pod } = target;
    const log = await this.logs.open({ namespace, pod }, request.query, request.signal);
    if (log === null) return { status: 204, headers: {}, body: { type: "bytes", chunks: [] } };
    return {
      status: 200,
      headers: { "content-type": "text/plain" },
      body: { type: "stream", run: (sink) => copyLog(log, sink) },
    };
  }
}

async function copyLog(log: IncomingMessage, sink: ResponseSink): Promise<void> {
  const stop = (): void => void log.destroy();
  sink.signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const chunk of log as AsyncIterable<Buffer>) {
      sink.write(chunk);
      if (sink.bufferedBytes > BACKLOG_BYTES) await sink.drained();
      if (sink.signal.aborted) return;
    }
  } catch (error) {
    if (!sink.signal.aborted) throw error;
  } finally {
    sink.signal.removeEventListener("abort", stop);
    log.destroy();
  }
}

async function readRefusal(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > REFUSAL_BYTES_MAX) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
