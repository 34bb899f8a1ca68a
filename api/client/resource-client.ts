import type { Status } from "../schema/types/meta-v1.gen.js";
import type { JsonValue, KubernetesObject, NewObject, ObjectList } from "../schema/wire-types.js";
import type { ApiCaller } from "./api-caller.js";
import { ApiError, errorFromStatus } from "./api-error.js";
import type {
  CallOptions,
  ListOptions,
  PatchType,
  ResourceClient,
  ResourceType,
  WatchEvent,
  WatchOptions,
} from "./client-types.js";
import { LineSplitter } from "./json-lines.js";
import { listQuery, queryString, resourcePath } from "./request-path.js";
import { apiVersionOf } from "./resource-types.js";

const PATCH_CONTENT_TYPE: Readonly<Record<PatchType, string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

const METADATA_PARAMS = "g=meta.k8s.io;v=v1";
const ACCEPT = {
  object: { one: "application/json", list: "application/json" },
  // Servers that cannot narrow the answer send the whole object: its metadata is where it is
  // expected.
  metadata: {
    one: `application/json;as=PartialObjectMetadata;${METADATA_PARAMS},application/json`,
    list: `application/json;as=PartialObjectMetadataList;${METADATA_PARAMS},application/json`,
  },
} as const;

/** An event larger than this cannot be an object of the API (its limit is 1.5 MB). */
const WATCH_LINE_BYTES_MAX = 16 << 20;
/** A list may be as large as a page of the largest objects. */
const LIST_TIMEOUT_MS = 60_000;

type NewMeta = { readonly metadata: { readonly namespace?: string } };
type DeleteChoices = NonNullable<Parameters<ResourceClient<KubernetesObject>["delete"]>[1]>;

/** ResourceClient over the REST API. */
export class RestResourceClient<T extends KubernetesObject> implements ResourceClient<T> {
  readonly type: ResourceType<T>;
  private readonly caller: ApiCaller;
  private readonly accept: { readonly one: string; readonly list: string };

  constructor(caller: ApiCaller, type: ResourceType<T>, content: "object" | "metadata" = "object") {
    this.caller = caller;
    this.type = type;
    this.accept = ACCEPT[content];
  }

  async get(name: string, options: CallOptions & { namespace?: string } = {}): Promise<T> {
    const path = resourcePath(this.type, { namespace: options.namespace, name });
    return (await this.caller.json(
      { method: "GET", path, accept: this.accept.one },
      options,
    )) as unknown as T;
  }

  async list(options: ListOptions = {}): Promise<ObjectList<T>> {
    const path =
      resourcePath(this.type, { namespace: options.namespace }) + queryString(listQuery(options));
    const answer = await this.caller.json(
      { method: "GET", path, accept: this.accept.list },
      { timeoutMs: LIST_TIMEOUT_MS, ...options },
    );
    return withTypes(answer as unknown as ObjectList<T>, this.type);
  }

  async *watch(options: WatchOptions): AsyncGenerator<WatchEvent<T>, void, void> {
    const { timeoutSeconds } = options;
    const query = { ...listQuery(options), watch: 1, allowWatchBookmarks: true, timeoutSeconds };
    const path = resourcePath(this.type, { namespace: options.namespace }) + queryString(query);
    const call = { method: "GET", path, accept: this.accept.one } as const;
    const answer = await this.caller.open(call, options);
    const lines = new LineSplitter(WATCH_LINE_BYTES_MAX);
    try {
      for await (const chunk of answer.chunks()) {
        for (const line of lines.push(chunk)) yield parseWatchLine<T>(line);
      }
    } finally {
      answer.close();
    }
  }

  async create(object: NewObject<T>, options: CallOptions = {}): Promise<T> {
    const { namespace } = (object as NewMeta).metadata;
    const path = resourcePath(this.type, { namespace });
    return await this.write("POST", path, { body: object as unknown as JsonValue, ...options });
  }

  async update(object: T, options: CallOptions & { subresource?: "status" } = {}): Promise<T> {
    const { namespace, name } = object.metadata;
    const path = resourcePath(this.type, { namespace, name, subresource: options.subresource });
    return await this.write("PUT", path, { body: object as unknown as JsonValue, ...options });
  }

  async patch(
    name: string,
    patch: JsonValue,
    options: Parameters<ResourceClient<T>["patch"]>[2],
  ): Promise<T> {
    const { namespace, subresource, fieldManager, force } = options;
    const path =
      resourcePath(this.type, { namespace, name, subresource }) +
      queryString({ fieldManager, force });
    const contentType = PATCH_CONTENT_TYPE[options.type];
    return await this.write("PATCH", path, { body: patch, contentType, ...callOptions(options) });
  }

  async delete(name: string, options: DeleteChoices = {}): Promise<void> {
    const path = resourcePath(this.type, { namespace: options.namespace, name });
    const body = deleteOptions(options);
    await this.caller.json({ method: "DELETE", path, body }, options);
  }

  async deleteCollection(
    options: ListOptions & Pick<DeleteChoices, "propagationPolicy">,
  ): Promise<void> {
    const path =
      resourcePath(this.type, { namespace: options.namespace }) + queryString(listQuery(options));
    const { propagationPolicy } = options;
    const body = deleteOptions(propagationPolicy === undefined ? {} : { propagationPolicy });
    await this.caller.json(
      { method: "DELETE", path, body },
      { timeoutMs: LIST_TIMEOUT_MS, ...options },
    );
  }

  private async write(
    method: "POST" | "PUT" | "PATCH",
    path: string,
    options: CallOptions & { body: JsonValue; contentType?: string },
  ): Promise<T> {
    const { body, contentType = "application/json" } = options;
    const call = { method, path, body, contentType, accept: this.accept.one };
    return (await this.caller.json(call, options)) as unknown as T;
  }
}

function callOptions(options: CallOptions): CallOptions {
  return {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  };
}

function deleteOptions(options: DeleteChoices): JsonValue {
  const { uid, resourceVersion, gracePeriodSeconds, propagationPolicy } = options;
  const preconditions = {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  return {
    apiVersion: "v1",
    kind: "DeleteOptions",
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
  };
}

/**
 * Items of a list may come without apiVersion and kind, as Go's typed lists do; the rest of the
 * code relies on them.
 */
function withTypes<T extends KubernetesObject>(
  list: ObjectList<T>,
  type: ResourceType<T>,
): ObjectList<T> {
  const items = list.items ?? [];
  if (items.every((item) => item.kind !== undefined)) return { ...list, items };
  const apiVersion = apiVersionOf(type);
  return { ...list, items: items.map((item) => ({ ...item, apiVersion, kind: type.kind })) };
}

function parseWatchLine<T extends KubernetesObject>(line: string): WatchEvent<T> {
  const event = JSON.parse(line) as { readonly type: string; readonly object: T };
  switch (event.type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      return { type: event.type, object: event.object };
    case "BOOKMARK":
      return { type: "BOOKMARK", resourceVersion: event.object.metadata.resourceVersion };
    case "ERROR":
      throw errorFromStatus(event.object as unknown as Status, 500);
    default:
      throw new ApiError("Unknown", `watch event of unknown type ${event.type}`);
  }
}
