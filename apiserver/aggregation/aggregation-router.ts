import { pathNotFound } from "../../api/machinery/status.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiRequest, ApiResponse, RawHandler } from "../server/http-types.js";
import type { ResourceRequestInfo } from "../server/request-info.js";
import type { ResourceRouter } from "../server/router.js";
import { queryOf } from "../streaming/forwarded-call.js";
import type { AggregatedService, AggregatedServices } from "./aggregated-services.js";
import type { ExtensionServers } from "./extension-servers.js";

/** Where calls of aggregated versions go. */
export interface AggregationDeps {
  readonly services: AggregatedServices;
  readonly servers: ExtensionServers;
}

/** Hands requests for objects of aggregated versions on; the others are answered by `own`. */
export class AggregatingRouter implements ResourceRouter {
  private readonly own: ResourceRouter;
  private readonly deps: AggregationDeps;

  constructor(own: ResourceRouter, deps: AggregationDeps) {
    this.own = own;
    this.deps = deps;
  }

  async handle(request: ApiRequest, info: ResourceRequestInfo): Promise<ApiResponse> {
    const target = this.deps.services.find(info.group, info.version);
    if (target === null) return this.own.handle(request, info);
    return handOn(target, request, this.deps);
  }

  /** Admission of an aggregated version is its own server's. */
  async admitUpgrade(request: ApiRequest, info: ResourceRequestInfo): Promise<void> {
    if (this.deps.services.find(info.group, info.version) !== null) return;
    await this.own.admitUpgrade(request, info);
  }
}

/** What an extension API server says of its version itself: its resources and their schema. */
export class AggregatedVersionHandler implements RawHandler {
  private readonly deps: AggregationDeps;

  constructor(deps: AggregationDeps) {
    this.deps = deps;
  }

  matches(path: string): boolean {
    return targetOf(path, this.deps.services) !== null;
  }

  async handle(request: ApiRequest): Promise<ApiResponse> {
    const target = targetOf(request.path, this.deps.services);
    if (target === null) throw new ApiFailure(pathNotFound());
    return handOn(target, request, this.deps);
  }
}

/** Who serves what is below /apis/GROUP/VERSION, or says so; null: no extension API server. */
export function targetOf(path: string, services: AggregatedServices): AggregatedService | null {
  const [, group = "", version = ""] =
    /^(?:\/openapi\/v3)?\/apis\/([^/]+)\/([^/]+)(?:\/|$)/u.exec(path) ?? [];
  return services.find(group, version);
}

function handOn(
  target: AggregatedService,
  request: ApiRequest,
  { servers }: AggregationDeps,
): Promise<ApiResponse> {
  return servers.forward(target, request, `${request.path}${queryOf(request)}`);
}
