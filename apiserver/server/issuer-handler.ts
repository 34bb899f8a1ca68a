import { pathNotFound } from "../../api/machinery/status.js";
import { jsonWebKeySet, type TokenKeys } from "../auth/token-keys.js";
import { ApiFailure } from "./api-failure.js";
import type { ApiRequest, ApiResponse, RawHandler } from "./http-types.js";
import { bytesResponse, withHeaders } from "./responses.js";

const CONFIGURATION = "/.well-known/openid-configuration";
const KEY_SET = "/openid/v1/jwks";
/** Keys change seldom: readers may keep the documents for an hour. */
const CACHE_CONTROL = "public, max-age=3600";

/** Tells others how to check the tokens of service accounts (OpenID Connect Discovery 1.0). */
export class IssuerHandler implements RawHandler {
  private readonly documents: ReadonlyMap<string, ApiResponse>;

  /** `address` is what clients reach this server by, such as 10.0.0.1:6443. */
  constructor(options: { issuer: string; address: string; keys: TokenKeys }) {
    const configuration = {
      issuer: options.issuer,
      jwks_uri: `https://${options.address}${KEY_SET}`,
      response_types_supported: ["id_token"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
    };
    this.documents = new Map([
      [CONFIGURATION, documentResponse("application/json", configuration)],
      [KEY_SET, documentResponse("application/jwk-set+json", jsonWebKeySet(options.keys))],
    ]);
  }

  matches(path: string): boolean {
    return this.documents.has(path);
  }

  handle(request: ApiRequest): Promise<ApiResponse> {
    const found = this.documents.get(request.path.replace(/\/+$/u, ""));
    if (found === undefined) return Promise.reject(new ApiFailure(pathNotFound()));
    return Promise.resolve(found);
  }
}

function documentResponse(contentType: string, document: object): ApiResponse {
  const response = bytesResponse(200, contentType, Buffer.from(JSON.stringify(document)));
  return withHeaders(response, { "cache-control": CACHE_CONTROL });
}
