import type { JsonValue, KubernetesObject, NewObject, ObjectList } from "../schema/wire-types.js";

/**
 * An answer of the API server with a status of 400 and up, or a connection that failed (reason
 * "ServiceUnavailable", code 0). Told apart by `reason`, in Kubernetes' words.
 */
export type ApiErrorReason =
  | "BadRequest"
  | "Unauthorized"
  | "Forbidden"
  | "NotFound"
  | "AlreadyExists"
  | "Conflict"
  | "Gone"
  | "Expired"
  | "Invalid"
  | "MethodNotAllowed"
  | "NotAcceptable"
  | "UnsupportedMediaType"
  | "RequestEntityTooLarge"
  | "TooManyRequests"
  | "Timeout"
  | "ServerTimeout"
  | "InternalError"
  | "ServiceUnavailable"
  | "Unknown";

/** Which resource a typed client talks to. */
export interface ResourceType<T extends KubernetesObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: T["kind"];
  readonly plural: string;
  readonly namespaced: boolean;
  /** Carries T for the compiler only. */
  readonly __type?: T;
}

/** What every call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Default 10 s. */
  readonly timeoutMs?: number;
}
/** What a list or watch is narrowed to. */
export interface ListOptions extends CallOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /**
   * All that is wanted of each object beside what it is known by, such as `spec.podCIDR`; a watch
   * then tells of changes of these fields alone. Servers other than ours send whole objects.
   */
  readonly fields?: readonly string[];
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  /** How `resourceVersion` is meant; absent: not older than it. */
  readonly resourceVersionMatch?: "Exact" | "NotOlderThan";
}
/** What a watch takes; `timeoutMs` bounds the wait for its first byte only. */
export interface WatchOptions extends ListOptions {
  readonly resourceVersion: string;
  /** The server ends the watch after this time. Default: the server's choice. */
  readonly timeoutSeconds?: number;
}

/** The four patch formats of the API. */
export type PatchType = "json" | "merge" | "strategic" | "apply";

/** One line of a watch. */
export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string };

/** Typed access to one resource. Failures are ApiError (api/client/api-error.ts). */
export interface ResourceClient<T extends KubernetesObject> {
  readonly type: ResourceType<T>;
  get(name: string, options?: CallOptions & { namespace?: string }): Promise<T>;
  list(options?: ListOptions): Promise<ObjectList<T>>;
  /**
   * Yields until the signal aborts or the server ends the watch; throws ApiError "Expired" on 410.
   */
  watch(options: WatchOptions): AsyncIterable<WatchEvent<T>>;
  create(object: NewObject<T>, options?: CallOptions): Promise<T>;
  /** Replaces the object; fails with Conflict when its resourceVersion is not the current one. */
  update(object: T, options?: CallOptions & { subresource?: "status" }): Promise<T>;
  patch(
    name: string,
    patch: JsonValue,
    options: CallOptions & {
      namespace?: string;
      type: PatchType;
      subresource?: string;
      fieldManager?: string;
      force?: boolean;
    },
  ): Promise<T>;
  delete(
    name: string,
    options?: CallOptions & {
      namespace?: string;
      uid?: string;
      resourceVersion?: string;
      gracePeriodSeconds?: number;
      propagationPolicy?: "Background" | "Foreground" | "Orphan";
    },
  ): Promise<void>;
  /**
   * Deletes everything that the selectors pick in one call; for kinds whose verbs name
   * deletecollection.
   */
  deleteCollection(
    options: ListOptions & { propagationPolicy?: "Background" | "Foreground" | "Orphan" },
  ): Promise<void>;
}

/** An object of any kind, of which only the metadata was asked for. */
export type PartialObjectMetadata = KubernetesObject;

/** An answer that is read while it comes in, such as a log that is followed. */
export interface ByteStream {
  readonly contentType: string;
  /** To be read once; ends when the server ends it, throws ApiError when the connection is lost. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Stops the transfer; `body` then ends. */
  close(): void;
}

/**
 * Where a client connects and as whom. Files are read again when they change (certificates rotate).
 */
export interface ClientConfig {
  /** Tried in turn; the next one when a connection fails. Such as https://10.0.0.1:6443. */
  readonly servers: readonly string[];
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly userAgent: string;
}

/**
 * Proof of leadership that travels with every write of an elected loop. The API server turns it
 * into a compare in the same store transaction: a write by a leader that was replaced fails with
 * Conflict and changes nothing.
 */
export interface Fence {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly leaseTransitions: number;
}

/** One connection (HTTP/2) to the API. */
export interface ApiClient {
  resource<T extends KubernetesObject>(type: ResourceType<T>): ResourceClient<T>;
  /** Reads of the same resource that carry metadata alone; its `create`, `update` are of no use. */
  metadata(type: ResourceType<KubernetesObject>): ResourceClient<PartialObjectMetadata>;
  /** Any path, for what is not a resource: /version, …/binding, …/hold. */
  request(
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    options?: CallOptions & { body?: JsonValue; contentType?: string },
  ): Promise<JsonValue>;
  /**
   * GET that answers as soon as the headers are there; `timeoutMs` (default 10 s) bounds the wait
   * for them, `signal` the whole transfer. For logs and other paths whose body is not one JSON
   * document.
   */
  stream(path: string, options?: CallOptions): Promise<ByteStream>;
  /**
   * The same client, whose writes carry the fence that `current` returns at that moment; null: the
   * write is refused here.
   */
  fencedBy(current: () => Fence | null): ApiClient;
  close(): void;
}
