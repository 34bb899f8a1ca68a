import { methodNotAllowedHere } from "../../api/machinery/status.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiRequest, ApiResponse, RawHandler } from "../server/http-types.js";
import { jsonResponse } from "../server/responses.js";
import type { GroupSource } from "./discovery-handler.js";

/** Paths that there are whatever kinds are served. */
const FIXED = [
  "/.well-known/openid-configuration",
  "/api",
  "/apis",
  "/healthz",
  "/livez",
  "/metrics",
  "/metrics/state",
  "/openapi/v2",
  "/openapi/v3",
  "/openid/v1/jwks",
  "/readyz",
  "/version",
];

/** GET /: the paths that there are, as `kubectl get --raw /` shows them. */
export class RootHandler implements RawHandler {
  private readonly source: GroupSource;

  constructor(source: GroupSource) {
    this.source = source;
  }

  private document(): object {
    const groups = this.source
      .groups()
      .flatMap(({ group, versions }) =>
        group === ""
          ? versions.map(({ version }) => `/api/${version}`)
          : [`/apis/${group}`, ...versions.map(({ version }) => `/apis/${group}/${version}`)],
      );
    return { paths: [...FIXED, ...groups].sort() };
  }

  matches(path: string): boolean {
    return path === "/";
  }

  /** Throws 405. */
  async handle(request: ApiRequest): Promise<ApiResponse> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      throw new ApiFailure(methodNotAllowedHere());
    }
    return jsonResponse(200, this.document());
  }
}
