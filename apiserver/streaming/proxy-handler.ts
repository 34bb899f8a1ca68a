import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { failure, notFound } from "../../api/machinery/status.js";
import type { Node } from "../../api/schema/types/core-v1.gen.js";
import { messageOf } from "../../base/errors.js";
import { ApiFailure } from "../server/api-failure.js";
import type {
  ApiRequest,
  ApiResponse,
  ObjectReader,
  SubresourceHandler,
  SubresourceTarget,
} from "../server/http-types.js";
import { emptyResponse } from "../server/responses.js";
import { type ForwardedCall, exchange, queryOf, streamedAnswer } from "./forwarded-call.js";
import { nodeEndpoint } from "./node-endpoint.js";
import type { StreamDeps } from "./pod-command.js";
import { PodPorts, dialPodPorts } from "./pod-ports.js";
import type { ProxiedPlace } from "./proxied-links.js";
import { type ProxyTarget, parseProxyName, podTarget, serviceTarget } from "./proxy-target.js";

export type ProxyDeps = StreamDeps & {
  readonly reader: ObjectReader;
  /** An index below `count`, drawn by chance. */
  readonly choose: (count: number) => number;
};

/**
 * Any method on pods/proxy, services/proxy and nodes/proxy: the call goes on to a port of a pod,
 * through the tunnel of its agent, or to the agent itself.
 */
export class ProxyHandler implements SubresourceHandler {
  readonly resource: "pods" | "services" | "nodes";
  readonly subresource = "proxy";
  private readonly deps: ProxyDeps;

  constructor(resource: "pods" | "services" | "nodes", deps: ProxyDeps) {
    this.resource = resource;
    this.deps = deps;
  }

  async handle(request: ApiRequest, target: SubresourceTarget): Promise<ApiResponse> {
    const path = pathBeyond(request.path, this.resource === "nodes" ? 5 : 7);
    // What a page names relatively would otherwise be looked for beside the proxy.
    if (path === "" && (request.method === "GET" || request.method === "HEAD")) {
      return emptyResponse(301, { location: `${request.path}/${queryOf(request)}` });
    }
    const prefix = request.path.slice(0, request.path.length - path.length);
    const headers = { "x-forwarded-uri": request.path };
    const call = { request, path: `${path || "/"}${queryOf(request)}`, headers, prefix };
    if (this.resource === "nodes") return this.toAgent(call, target.name);
    const { namespace, name } = target;
    const { locator } = this.deps;
    return this.toPod(
      call,
      this.resource === "pods"
        ? await podTarget(namespace, name, locator)
        : await serviceTarget(namespace, name, this.deps),
    );
  }

  private async toPod(call: ProxiedCall, target: ProxyTarget): Promise<ApiResponse> {
    const { signal } = call.request;
    const tunnel = await dialPodPorts(target, this.deps, signal);
    const ports = new PodPorts(tunnel, this.deps);
    // It aborts when the answer is through as well as when the client went away.
    signal.addEventListener("abort", () => ports.close(), { once: true });
    if (signal.aborted) ports.close();
    const { data, error } = ports.connect(target.port);
    const host = `${target.pod}:${target.port}`;
    const createConnection = (): Duplex =>
      // As Kubernetes does: a pod's certificate is nobody's we could know.
      target.scheme === "http" ? data : connectTls({ socket: data, rejectUnauthorized: false });
    const options = { host, createConnection, agent: undefined };
    try {
      const answer = await exchange(httpRequest, options, call, this.deps);
      return streamedAnswer(answer, placeOf(call, host));
    } catch (cause) {
      ports.close();
      const said = await error;
      throw unreachable(host, said === "" ? cause : new Error(said));
    }
  }

  private async toAgent(call: ProxiedCall, text: string): Promise<ApiResponse> {
    const name = parseProxyName(text)?.name ?? text;
    const nodes = { group: "", resource: "nodes" };
    const node = (await this.deps.reader.get(nodes, { namespace: "", name })) as Node | null;
    if (node === null) throw new ApiFailure(notFound(nodes, name));
    const endpoint = nodeEndpoint(node);
    if (endpoint === null) throw unreachable(name, new Error("it has no address yet"));
    const tls = await this.deps.credentials.forNode(endpoint.node);
    // A connection of its own: the agent may be closing one that was kept from an earlier call.
    const place = { host: endpoint.host, port: endpoint.port, agent: false as const };
    const options = { ...place, ...tls };
    try {
      const answer = await exchange(httpsRequest, options, call, this.deps);
      return streamedAnswer(answer, placeOf(call, `${place.host}:${place.port}`));
    } catch (cause) {
      throw unreachable(name, cause);
    }
  }
}

interface ProxiedCall extends ForwardedCall {
  /** The path of the proxy itself: what its pages name by absolute paths is below it. */
  readonly prefix: string;
}

/** `host` is what the other server was called by; its client knows it by another name. */
function placeOf({ request, prefix }: ProxiedCall, host: string): ProxiedPlace {
  const { host: asked, ":authority": authority = asked } = request.headers;
  const hosts = [host, authority].filter((one) => typeof one === "string");
  return { prefix, hosts: hosts.map((one) => one.toLowerCase()) };
}

function unreachable(what: string, cause: unknown): ApiFailure {
  const text = `error trying to reach service: ${what}: ${messageOf(cause)}`;
  return new ApiFailure(failure(503, "ServiceUnavailable", text));
}

/** What follows the first `count` segments of a path, as it was sent; "" when nothing does. */
function pathBeyond(path: string, count: number): string {
  const segments = path.split("/");
  return segments.length <= count + 1 ? "" : `/${segments.slice(count + 1).join("/")}`;
}
