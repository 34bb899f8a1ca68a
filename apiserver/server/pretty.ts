import type { ApiRequest, ApiResponse } from "./http-types.js";
import { MEDIA_TYPES } from "./negotiation.js";
import { headerOf } from "./responses.js";

/** Who looks at answers with their own eyes; as in Kubernetes. */
const PEOPLE = /^(?:curl|Wget|Mozilla\/5\.0)/u;
const YES = new Set(["1", "t", "T", "true", "TRUE", "True"]);

/**
 * JSON with line breaks and two spaces for whoever asks (`pretty=true`) or reads it in a browser
 * or in curl. What is streamed (watches, long lists) stays as it is.
 */
export function prettified(
  request: Pick<ApiRequest, "query" | "headers">,
  response: ApiResponse,
): ApiResponse {
  if (response.body.type !== "bytes" || !wantsPretty(request)) return response;
  const { chunks } = response.body;
  const type = String(response.headers["content-type"] ?? "");
  if (chunks.length === 0 || type.split(";")[0] !== MEDIA_TYPES.json) return response;
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString());
  const bytes = Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  return { ...response, body: { type: "bytes", chunks: [bytes] } };
}

function wantsPretty(request: Pick<ApiRequest, "query" | "headers">): boolean {
  const asked = request.query.get("pretty") ?? "";
  return asked === "" ? PEOPLE.test(headerOf(request, "user-agent") ?? "") : YES.has(asked);
}
