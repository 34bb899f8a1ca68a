import { methodNotAllowedHere } from "../../api/machinery/status.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiRequest, ApiResponse, RawHandler } from "../server/http-types.js";
import { jsonResponse } from "../server/responses.js";

/** GET /version, as `kubectl version` reads it. */
export class VersionHandler implements RawHandler {
  private readonly document: object;

  /** `version` is the product's own, such as 0.1.0. */
  constructor(version: string) {
    const gitVersion = `v1.36.3+raftsman.${version}`;
    this.document = {
      major: "1",
      minor: "36",
      gitVersion,
      gitCommit: "",
      gitTreeState: "",
      buildDate: "1970-01-01T00:00:00Z",
      goVersion: "",
      compiler: `node ${process.version}`,
      platform: `${process.platform}/${process.arch === "x64" ? "amd64" : process.arch}`,
    };
  }

  matches(path: string): boolean {
    return path === "/version";
  }

  async handle(request: ApiRequest): Promise<ApiResponse> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      throw new ApiFailure(methodNotAllowedHere());
    }
    return jsonResponse(200, this.document);
  }
}
