import { methodNotAllowedHere, notAcceptable, pathNotFound } from "../../api/machinery/status.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiRequest, ApiResponse, RawHandler } from "../server/http-types.js";
import { parseAccept } from "../server/negotiation.js";
import { bytesResponse, emptyResponse, headerOf, jsonResponse } from "../server/responses.js";
import type { OpenApiSource } from "./openapi-builder.js";
import type { OpenApiDocument, OpenApiDocuments } from "./openapi-documents.js";

const V2_PATH = "/openapi/v2";
const V3_PATH = "/openapi/v3";
const JSON_TYPE = "application/json";
const V2_PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
/** What clients send; the @ is no token of HTTP, so the answer spells it with a dot. */
const V2_PROTOBUF_ASKED = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
const V3_PROTOBUF = "application/com.github.proto-openapi.spec.v3.v1.0+protobuf";
const V3_PROTOBUF_ASKED = "application/com.github.proto-openapi.spec.v3@v1.0+protobuf";
const ANY_TYPES = ["*/*", "application/*", JSON_TYPE];
const FOREVER_S = 365 * 24 * 3600;

/** The addresses of documents of other servers, by their paths, such as `apis/example.com/v1`. */
export type OtherDocuments = () => ReadonlyMap<string, string>;

/** /openapi/v2 and /openapi/v3: the schema of everything served, as JSON and as protobuf. */
export class OpenApiHandler implements RawHandler {
  private readonly source: OpenApiSource;
  private readonly others: OtherDocuments;

  /** `others` are told of in the index of version 3; who serves them answers for them. */
  constructor(source: OpenApiSource, others: OtherDocuments = () => new Map()) {
    this.source = source;
    this.others = others;
  }

  matches(path: string): boolean {
    return path === V2_PATH || path === V3_PATH || path.startsWith(`${V3_PATH}/`);
  }

  /** Throws 404, 405, 406. */
  async handle(request: ApiRequest): Promise<ApiResponse> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      throw new ApiFailure(methodNotAllowedHere());
    }
    const path = request.path.replace(/\/+$/u, "");
    const documents = await this.source.documents();
    if (path === V2_PATH) return v2(request, documents);
    if (path === V3_PATH) return v3Index(documents, this.others());
    return v3(request, documents.v3, path.slice(V3_PATH.length + 1));
  }
}

function v2(request: ApiRequest, documents: OpenApiDocuments): ApiResponse {
  const contentType = chosenType(headerOf(request, "accept"), [V2_PROTOBUF, V2_PROTOBUF_ASKED]);
  if (contentType === null) throw new ApiFailure(notAcceptable([JSON_TYPE, V2_PROTOBUF]));
  const document = contentType === JSON_TYPE ? documents.v2Json : documents.v2Protobuf;
  return answer(request, { document, contentType, headers: { vary: "Accept" } });
}

function v3Index(
  { v3: documents }: OpenApiDocuments,
  others: ReturnType<OtherDocuments>,
): ApiResponse {
  const paths: Record<string, object> = {};
  for (const [path, { json }] of documents) {
    paths[path] = { serverRelativeURL: v3Url(path, json) };
  }
  for (const [path, url] of others) paths[path] = { serverRelativeURL: url };
  return jsonResponse(200, { paths });
}

/**
 * With the right hash the document may be kept for ever; a hash of before leads to the new one.
 */
function v3(request: ApiRequest, documents: OpenApiDocuments["v3"], path: string): ApiResponse {
  const forms = documents.get(path);
  if (forms === undefined) throw new ApiFailure(pathNotFound());
  const contentType = chosenType(headerOf(request, "accept"), [V3_PROTOBUF, V3_PROTOBUF_ASKED]);
  if (contentType === null) throw new ApiFailure(notAcceptable([JSON_TYPE, V3_PROTOBUF]));
  const hash = request.query.get("hash") ?? "";
  if (hash !== "" && hash !== forms.json.hash) {
    return emptyResponse(301, { location: v3Url(path, forms.json) });
  }
  const expires = new Date(request.receivedMs + FOREVER_S * 1000).toUTCString();
  const kept: Readonly<Record<string, string>> =
    hash === "" ? {} : { "cache-control": "public, immutable", expires };
  const headers = { vary: "Accept", ...kept };
  const document = contentType === JSON_TYPE ? forms.json : forms.protobuf;
  return answer(request, { document, contentType, headers });
}

function v3Url(path: string, { hash }: OpenApiDocument): string {
  return `${V3_PATH}/${path}?hash=${hash}`;
}

function answer(
  request: ApiRequest,
  what: {
    readonly document: OpenApiDocument;
    readonly contentType: string;
    readonly headers: Readonly<Record<string, string>>;
  },
): ApiResponse {
  const { bytes, hash } = what.document;
  const headers = { ...what.headers, etag: `"${hash}"` };
  if (headerOf(request, "if-none-match") === headers.etag) return emptyResponse(304, headers);
  const response = bytesResponse(200, what.contentType, bytes);
  return {
    ...response,
    headers: { ...response.headers, ...headers },
    body: { type: "stream", run: async (sink) => sink.write(bytes) },
    compressible: true,
  };
}

/** What the client asks for first: protobuf, by one of its two names, or JSON; null: neither. */
function chosenType(
  accept: string | null,
  [protobuf, asked]: readonly [string, string],
): string | null {
  for (const type of acceptedTypes(accept)) {
    if (type === protobuf || type === asked) return protobuf;
    if (ANY_TYPES.includes(type)) return JSON_TYPE;
  }
  return null;
}

function acceptedTypes(accept: string | null): string[] {
  if (accept === null || accept.trim() === "") return [JSON_TYPE];
  return parseAccept(accept).map(({ type }) => type);
}
