import type { StatusBody } from "../../api/machinery/status.js";
import type { ApiFailure } from "./api-failure.js";
import { encodeDocument } from "./document.js";
import type { ApiRequest, ApiResponse } from "./http-types.js";
import { MEDIA_TYPES, negotiate } from "./negotiation.js";

const encoder = new TextEncoder();

/** An answer of bytes that are ready. */
export function bytesResponse(status: number, contentType: string, bytes: Uint8Array): ApiResponse {
  return {
    status,
    headers: { "content-type": contentType },
    body: { type: "bytes", chunks: [bytes] },
  };
}

export function jsonResponse(status: number, value: unknown): ApiResponse {
  return bytesResponse(status, "application/json", encoder.encode(`${JSON.stringify(value)}\n`));
}

export function textResponse(status: number, text: string): ApiResponse {
  return bytesResponse(status, "text/plain; charset=utf-8", encoder.encode(text));
}

/** An answer without a body. */
export function emptyResponse(
  status: number,
  headers: Readonly<Record<string, string>> = {},
): ApiResponse {
  return { status, headers, body: { type: "bytes", chunks: [] } };
}

export function statusResponse(status: StatusBody): ApiResponse {
  return jsonResponse(status.code ?? 200, status);
}

/**
 * A failure as a Status in the format that `accept` names first; in JSON when nothing there can be
 * sent, which is what a 406 itself is about.
 */
export function failureResponse(failure: ApiFailure, accept: string | null): ApiResponse {
  const format = negotiate(accept, { projections: true })?.format ?? "json";
  const status: StatusBody = failure.status;
  const bytes = encodeDocument(status, { format });
  return withHeaders(
    bytesResponse(status.code ?? 500, MEDIA_TYPES[format], bytes),
    failure.headers,
  );
}

export function withHeaders(
  response: ApiResponse,
  headers: Readonly<Record<string, string | readonly string[]>>,
): ApiResponse {
  return { ...response, headers: { ...response.headers, ...headers } };
}

/** The value of a header that should come once; of several, the first. Null when absent. */
export function headerOf(request: Pick<ApiRequest, "headers">, name: string): string | null {
  const value = request.headers[name];
  if (value === undefined) return null;
  return typeof value === "string" ? value : (value[0] ?? null);
}
