import type { FieldError } from "../../api/machinery/field-errors.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";

/** What a strategy may know of the request besides the objects. Pure: time comes in as a value. */
export interface StrategyContext {
  /** Now, RFC 3339 in whole seconds, UTC. */
  readonly now: string;
  readonly user: {
    readonly name: string;
    readonly uid: string;
    readonly groups: readonly string[];
    readonly extra: Readonly<Record<string, readonly string[]>>;
  };
}

/**
 * The part of an object a write may change: "" is the object itself, otherwise the subresource's
 * name.
 */
export type Subresource =
  | ""
  | "status"
  | "scale"
  | "binding"
  | "finalize"
  | "approval"
  | "ephemeralcontainers"
  | "resize";

/**
 * Says what is wrong with a name, in Kubernetes' texts; an empty list when nothing is. With
 * `prefix` the name will have characters appended (generateName), so that it may end in a dash.
 */
export type NameValidator = (name: string, prefix: boolean) => readonly string[];

/**
 * Everything that the generic handlers do not know about a kind. All functions are pure; objects
 * come in decoded, defaulted and structurally valid (fields known, types right, required fields of
 * nested types present), and are never changed: a new object is returned.
 */
export interface Strategy<T extends KubernetesObject = KubernetesObject> {
  /** What a name of this kind may look like. */
  readonly validateName: NameValidator;
  /** Clears what a client may not set (status, generation …) and sets what the server sets. */
  prepareForCreate(object: T, context: StrategyContext): T;
  /**
   * The object to store when `object` is written over `old` through `subresource`: through "" the
   * status is taken from old, through "status" the rest is; generation grows when the spec changed.
   */
  prepareForUpdate(object: T, old: T, subresource: Subresource, context: StrategyContext): T;
  /**
   * The kind's own rules, in Kubernetes' reasons, texts and field paths. Metadata is validated for
   * all kinds alike.
   */
  validate(object: T): readonly FieldError[];
  /** Paths of required objects that may still be missing in `validate`, which says so itself. */
  readonly missing?: readonly string[];
  validateUpdate(object: T, old: T, subresource: Subresource): readonly FieldError[];
  /**
   * Rules that may take long, in steps between which others may go first; `old` is null for a new
   * object, `errors` is what is known to be wrong already. The caller drives it to its end.
   */
  checkInSteps?(about: {
    readonly object: T;
    readonly old: T | null;
    readonly errors: readonly FieldError[];
  }): Generator<undefined, StepFindings, undefined>;
  /** What every answer warns of, whatever was asked: that the kind or its version is deprecated. */
  readonly deprecation?: string;
  /** Texts for Warning headers. */
  warnings?(object: T): readonly string[];
  /** True: a PUT to a name that does not exist creates it (Lease, Event, EndpointSlice …). */
  readonly allowCreateOnUpdate?: boolean;
  /** True: a finalizer without a domain need not be one of Kubernetes' own (custom kinds). */
  readonly freeFinalizers?: boolean;
  /** True: a PUT without metadata.resourceVersion is refused (Lease). */
  readonly requiresResourceVersion?: boolean;
  /**
   * The grace period of a deletion in seconds: `requested` is DeleteOptions.gracePeriodSeconds,
   * null when the client named none. 0 means that the object goes at once, as it does for every
   * kind that lacks this function.
   */
  deletionGraceSeconds?(object: T, requested: number | null): number;
  /**
   * Field selectors beyond metadata.name and metadata.namespace: label → value ("" when absent).
   */
  readonly selectableFields?: { readonly [field: string]: (object: T) => string };
  /** Columns of `kubectl get`, in order; cells are computed for `now` (ms since 1970). */
  readonly table: TableDefinition<T>;
}

/** What a check in steps comes to. */
export interface StepFindings {
  readonly errors: readonly FieldError[];
  /** Texts for Warning headers. */
  readonly warnings: readonly string[];
}

/** One column of the Table that `kubectl get` prints. */
export interface TableColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "date" | "number" | "boolean";
  readonly format?: string;
  readonly description: string;
  /** 0: always shown; 1: with -o wide. */
  readonly priority: number;
}
/** The columns of a kind and how its cells are computed. */
export interface TableDefinition<T> {
  readonly columns: readonly TableColumn[];
  /** One cell for every column; `nowMs` is milliseconds since 1970. */
  cells(object: T, nowMs: number): readonly (string | number | boolean | null)[];
}
