import { createHash } from "node:crypto";
import { methodNotAllowedHere, notAcceptable, pathNotFound } from "../../api/machinery/status.js";
import type { KindInfo } from "../../api/schema/kinds.js";
import { apiVersionOf } from "../../api/schema/kinds.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiRequest, ApiResponse, RawHandler } from "../server/http-types.js";
import { encodeDocument } from "../server/document.js";
import { MEDIA_TYPES, type WireFormat, bodyFormat, parseAccept } from "../server/negotiation.js";
import { bytesResponse, emptyResponse, headerOf, withHeaders } from "../server/responses.js";
import {
  type ServedGroup,
  aggregatedDiscovery,
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
} from "./discovery-documents.js";

/** A document in one of the wire formats, or in JSON everything in one. */
type DiscoveryForm =
  | { readonly as: "plain"; readonly format: WireFormat }
  | { readonly as: "v2" | "v2beta1" };

interface Encoded {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

/** The kinds that are served. */
export interface KindSource {
  /** Another number: they have changed. */
  readonly version: number;
  kinds(): readonly KindInfo[];
}

/** Everything that is served, here and by others. */
export interface GroupSource {
  /** Another number: they have changed. */
  readonly version: number;
  groups(): readonly ServedGroup[];
}

/**
 * /api, /apis and below: which kinds are served. Every document is encoded once in each form, until
 * the kinds change.
 */
export class DiscoveryHandler implements RawHandler {
  private readonly plain = new Map<string, object>();
  private readonly aggregated = new Map<string, object>();
  private readonly encoded = new Map<string, Encoded>();

  private readonly source: GroupSource;
  private readonly serverAddress: string;
  private builtFor = -1;

  /** `serverAddress` is where clients reach this server, such as 10.0.0.1:6443. */
  constructor(source: GroupSource, serverAddress: string) {
    this.source = source;
    this.serverAddress = serverAddress;
  }

  private build(): void {
    if (this.builtFor === this.source.version) return;
    this.builtFor = this.source.version;
    for (const documents of [this.plain, this.aggregated, this.encoded]) documents.clear();
    const { serverAddress } = this;
    const groups = this.source.groups();
    const core = groups.filter(({ group }) => group === "");
    const others = groups.filter(({ group }) => group !== "");
    this.plain.set("/api", apiVersions(serverAddress));
    this.plain.set("/apis", apiGroupList(groups));
    for (const group of groups) this.addGroup(group);
    for (const version of ["v2", "v2beta1"] as const) {
      this.aggregated.set(`/api ${version}`, aggregatedDiscovery(core, version));
      this.aggregated.set(`/apis ${version}`, aggregatedDiscovery(others, version));
    }
  }

  matches(path: string): boolean {
    return (
      path === "/api" || path === "/apis" || path.startsWith("/api/") || path.startsWith("/apis/")
    );
  }

  /** Throws 404, 405, 406. */
  async handle(request: ApiRequest): Promise<ApiResponse> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      throw new ApiFailure(methodNotAllowedHere());
    }
    this.build();
    const path = request.path.replace(/\/+$/u, "");
    const form = formOf(headerOf(request, "accept"), path === "/api" || path === "/apis");
    if (form === null) throw new ApiFailure(notAcceptable(Object.values(MEDIA_TYPES)));
    if (form.as === "plain") {
      const { format } = form;
      return this.answer(request, {
        encoded: this.encode(this.plain, path, format),
        contentType: MEDIA_TYPES[format],
      });
    }
    const { as } = form;
    return this.answer(request, {
      encoded: this.encode(this.aggregated, `${path} ${as}`, "json"),
      contentType: `application/json;g=apidiscovery.k8s.io;v=${as};as=APIGroupDiscoveryList`,
    });
  }

  private addGroup(served: ServedGroup): void {
    const { group, versions } = served;
    if (group !== "") this.plain.set(`/apis/${group}`, apiGroup(served));
    for (const { version, kinds, remote } of versions) {
      // Whoever serves it is asked.
      if (remote !== undefined) continue;
      const path = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
      this.plain.set(path, apiResourceList(apiVersionOf(group, version), kinds));
    }
  }

  /** Throws 404 where there is no such document. */
  private encode(documents: ReadonlyMap<string, object>, key: string, format: WireFormat): Encoded {
    const document = documents.get(key);
    if (document === undefined) throw new ApiFailure(pathNotFound());
    const known = this.encoded.get(`${format} ${key}`);
    if (known !== undefined) return known;
    const bytes = encodeDocument(document, { format });
    const hash = createHash("sha512").update(bytes).digest("hex").toUpperCase();
    const encoded = { bytes, etag: `"${hash}"` };
    this.encoded.set(`${format} ${key}`, encoded);
    return encoded;
  }

  private answer(
    request: ApiRequest,
    what: { readonly encoded: Encoded; readonly contentType: string },
  ): ApiResponse {
    const { bytes, etag } = what.encoded;
    const headers = { etag, vary: "Accept", "cache-control": "public" };
    if (headerOf(request, "if-none-match") === etag) return emptyResponse(304, headers);
    return withHeaders(bytesResponse(200, what.contentType, bytes), headers);
  }
}

/** What the client asks for first, of what there is here; null: nothing. */
function formOf(accept: string | null, aggregable: boolean): DiscoveryForm | null {
  if (accept === null || accept.trim() === "") return { as: "plain", format: "json" };
  const clauses = parseAccept(accept);
  const json = clauses.find(({ type, parameters }) => isPlainJson(type, parameters));
  for (const { type, parameters, quality } of clauses) {
    const as = parameters.get("as");
    const version = parameters.get("v");
    const format = ANY.has(type) ? "json" : bodyFormat(type);
    if (as === undefined && format !== null) {
      // As for objects: JSON where it is as welcome as protobuf.
      const jsonToo = format === "protobuf" && json?.quality === quality;
      return { as: "plain", format: jsonToo ? "json" : format };
    }
    const known = version === "v2" || version === "v2beta1";
    const named = as === "APIGroupDiscoveryList" && parameters.get("g") === "apidiscovery.k8s.io";
    if (aggregable && type === "application/json" && named && known) return { as: version };
  }
  return null;
}

function isPlainJson(type: string, parameters: ReadonlyMap<string, string>): boolean {
  return !parameters.has("as") && (type === MEDIA_TYPES.json || ANY.has(type));
}

const ANY: ReadonlySet<string> = new Set(["application/*", "*/*"]);
