import { alreadyExists, badRequest, conflict, invalidObject } from "../../api/machinery/status.js";
import type { FieldError } from "../../api/machinery/field-errors.js";
import { formatTime } from "../../api/machinery/time.js";
import type { WireEntry } from "../../api/machinery/managed-fields/managed-entries.js";
import { applyDefaults } from "../../api/schema/defaults.js";
import type { KindInfo } from "../../api/schema/kinds.js";
import type { JsonObject, JsonValue, KubernetesObject } from "../../api/schema/wire-types.js";
import type { AdmissionAttributes, BodyLens, GroupVersionKind } from "../admission/admission.js";
import { validateForCreate, validateForUpdate, validateShape } from "../registry/registry.js";
import type { StrategyContext, Subresource } from "../registry/strategy.js";
import { ApiFailure } from "../server/api-failure.js";
import { inSteps } from "../server/waiting.js";
import type { EventLeases } from "../storage/event-leases.js";
import type { Guard, Replacement, StoredObject, WriteExtras } from "../storage/storage.js";
import type { HandlerDeps, ResourceCall } from "./deps.js";
import { checkPreconditions, isGone, planDeletion, planNamespaceDeletion } from "./deletion.js";
import { fenceGuards } from "./fence.js";
import { generateName } from "./generate-name.js";
import {
  type FieldManager,
  entriesAfterUpdate,
  entriesOfNew,
  managerIdentity,
  settledEntries,
  withEntries,
} from "./field-manager.js";
import { servedOf, storedOf } from "./kind-view.js";
import { attributesOf, deleteOptionsObject } from "./admission-attributes.js";
import { invalidVersion } from "./object-versions.js";
import type { DeletePlan } from "./write-options.js";

/** A write of one object, as a client asked for it. */
export interface WriteRequest {
  readonly call: ResourceCall;
  readonly dryRun: boolean;
  /** Texts for Warning headers; the writer adds to them. */
  readonly warnings: string[];
  /** Who comes to manage what is written. */
  readonly manager: FieldManager;
}

export interface UpdateRequest extends WriteRequest {
  readonly subresource: Subresource;
  /** What the subresource speaks, where that is not a part of the object. */
  readonly body?: { readonly kind: GroupVersionKind; readonly lens: BodyLens };
  /**
   * The object to store, made from the current one as the kind's clients see it. May be called
   * several times.
   */
  readonly change: (old: KubernetesObject) => JsonObject | Promise<JsonObject>;
}

/** What else is known of a deletion. */
export interface DeleteExtras {
  /** Texts for Warning headers; admission adds to them. */
  readonly warnings: string[];
  /** True: what asks for it (an eviction) has been admitted in its place. */
  readonly admitted?: true;
}

/** How often a generated name that is taken is drawn anew. */
const NAME_ATTEMPTS_MAX = 8;

/**
 * Takes objects through defaults, admission, the kind's strategy and validation into the store.
 * Every way of writing (create, update, patch, apply, subresources) ends here.
 */
export class ObjectWriter {
  private readonly deps: HandlerDeps;
  private readonly eventLeases: EventLeases;

  constructor(deps: HandlerDeps, eventLeases: EventLeases) {
    this.deps = deps;
    this.eventLeases = eventLeases;
  }

  /** Throws what makes it fail: 400, 403, 409, 422 … */
  async create(object: JsonObject, request: WriteRequest): Promise<StoredObject> {
    const { call } = request;
    const named = inNamespaceOf(call, object);
    const metadata = metadataOf(named);
    if ((metadata["resourceVersion"] ?? "") !== "") {
      const text = "resourceVersion should not be set on objects to be created";
      throw new ApiFailure(badRequest(text));
    }
    const prefix = textOf(metadata["generateName"]);
    const generated = (metadata["name"] ?? "") === "" && prefix !== "";
    for (let attempt = 1; ; attempt += 1) {
      const name = generated ? generateName(prefix, this.deps.random) : textOf(metadata["name"]);
      try {
        return await this.createNamed(withMetadata(named, { name }), request);
      } catch (error) {
        if (!generated || !isAlreadyExists(error) || attempt === NAME_ATTEMPTS_MAX) throw error;
      }
    }
  }

  /**
   * Throws NotFound, Conflict, Invalid … Returns the object as it is now, or as it was when it
   * went.
   */
  async update(request: UpdateRequest): Promise<StoredObject> {
    const { call, dryRun } = request;
    const guards = fenceGuards(call.request);
    return this.deps.storage.update(call.view.id, call.info, {
      dryRun,
      decide: (current, attempt) => this.replace(current, { guards, attempt }, request),
    });
  }

  /**
   * Throws NotFound, Conflict, Forbidden. `gone` is false while a grace period or a finalizer holds
   * the object.
   */
  async delete(
    call: ResourceCall,
    plan: DeletePlan,
    options: DeleteExtras = { warnings: [] },
  ): Promise<{ readonly stored: StoredObject; readonly gone: boolean }> {
    const { view, info } = call;
    const guards = fenceGuards(call.request);
    const { signal } = call.request;
    let gone = false;
    const stored = await this.deps.storage.update(view.id, info, {
      dryRun: plan.dryRun,
      decide: async (current) => {
        const old = await servedOf(view, current.object, signal);
        checkPreconditions(view.id, old, plan);
        if (options.admitted !== true)
          await this.deps.admission.validate(this.deletion(call, old, { plan, ...options }));
        const about = { strategy: view.strategy, nowMs: this.deps.clock.nowMs() };
        const next =
          call.kind.kind === "Namespace"
            ? planNamespaceDeletion(old, plan, about)
            : planDeletion(old, plan, about);
        gone = next === null;
        if (next !== null) return { object: await storedOf(view, next, signal), guards };
        return { object: null, ...merge(this.deps.allocator.release(view.id, old), guards) };
      },
    });
    return { stored, gone };
  }

  private deletion(
    call: ResourceCall,
    old: KubernetesObject,
    { plan, warnings }: { readonly plan: DeletePlan; readonly warnings: string[] },
  ): AdmissionAttributes {
    const { namespace = "", name } = old.metadata;
    const { dryRun } = plan;
    return {
      ...attributesOf(call, { operation: "DELETE", name, dryRun, warnings }),
      namespace,
      object: null,
      oldObject: old,
      options: deleteOptionsObject(plan),
    };
  }

  private async createNamed(
    object: JsonObject & KubernetesObject,
    request: WriteRequest,
  ): Promise<StoredObject> {
    const { call, dryRun } = request;
    const { kind, view } = call;
    const { name } = object.metadata;
    const base = attributesOf(call, { operation: "CREATE", ...request, name });
    const context = this.context(call);
    const identified = withMetadata(stripServerFields(object), {
      uid: this.deps.newUid(),
      creationTimestamp: context.now,
    });
    const defaulted = this.defaulted(kind, identified);
    const entries = this.entriesOfNew(object, defaulted, request);
    const admitted = await this.admit(defaulted, { ...base, oldObject: null });
    const prepared = withEntries(view.strategy.prepareForCreate(admitted, context), entries);
    this.checkStructure(call, prepared);
    await this.check({ object: prepared, old: null }, validateForCreate(kind, prepared), request);
    await this.deps.admission.validate({ ...base, object: prepared, oldObject: null });
    this.warn(prepared, request);
    const fence = fenceGuards(call.request);
    const lease = await this.leaseOf(view.id.resource, dryRun);
    const { namespace, subresource } = base;
    const plan = async (attempt: number) => {
      const change = { old: null, object: prepared };
      const { object, extras } = await this.deps.allocator.plan(view.id, change, attempt);
      const charged = { kind, subresource, namespace, object, old: null };
      const quota = await this.deps.quotas.charge(charged);
      const stored = await storedOf(view, object, call.request.signal);
      return { object: stored, ...merge(both(extras, quota), fence), ...lease };
    };
    const { quotas, storage } = this.deps;
    return quotas.inTurn(namespace, () => storage.create(view.id, { dryRun, plan }));
  }

  private async replace(
    current: StoredObject,
    { guards, attempt }: { readonly guards: readonly Guard[]; readonly attempt: number },
    request: UpdateRequest,
  ): Promise<Replacement> {
    const { call, subresource } = request;
    const { kind, view } = call;
    const { signal } = call.request;
    const old = await servedOf(view, current.object, signal);
    const wanted = await request.change(old);
    checkIdentity(call, wanted, old);
    const { name } = old.metadata;
    const given = { operation: "UPDATE", ...request, name } as const;
    const base = { ...attributesOf(call, given), ...bodyOf(request) };
    const carried = carryServerFields(wanted, old);
    const defaulted = this.defaulted(kind, carried);
    const admitted = await this.admit(defaulted, { ...base, oldObject: old });
    const context = this.context(call);
    const changed = view.strategy.prepareForUpdate(admitted, old, subresource, context);
    const managed = { old, given: metadataOf(wanted)["managedFields"], now: context.now };
    const prepared = this.withManagers(changed, managed, request);
    this.checkStructure(call, prepared);
    const errors = validateForUpdate(kind, { object: prepared, old, subresource });
    await this.check({ object: prepared, old }, errors, request);
    await this.deps.admission.validate({ ...base, object: prepared, oldObject: old });
    this.warn(prepared, request);
    if (isGone(prepared)) {
      const released = this.deps.allocator.release(view.id, old);
      // Whoever lets it go sees what it made of it: without the last finalizer.
      const last = await storedOf(view, prepared, signal);
      return { object: null, last, ...merge(released, guards) };
    }
    const change = { old, object: prepared };
    const allocated = await this.deps.allocator.plan(view.id, change, attempt);
    const lease = await this.leaseOf(view.id.resource, request.dryRun);
    const stored = await storedOf(view, allocated.object, signal);
    const charged = { kind, subresource, namespace: base.namespace, old };
    const quota = await this.deps.quotas.charge({ ...charged, object: allocated.object });
    return { object: stored, ...merge(both(allocated.extras, quota), guards), ...lease };
  }

  private defaulted(kind: KindInfo, object: JsonObject & KubernetesObject): KubernetesObject {
    return applyDefaults(kind, object) as unknown as KubernetesObject;
  }

  /** What the mutating plugins make of it, and defaults again where one of them added something. */
  private async admit(
    object: KubernetesObject,
    attributes: Omit<AdmissionAttributes, "object">,
  ): Promise<KubernetesObject> {
    const mutated = await this.deps.admission.mutate({ ...attributes, object });
    if (mutated === null || mutated === object) return object;
    return this.defaulted(attributes.kind, mutated as JsonObject & KubernetesObject);
  }

  /** Nobody is charged with what admission adds. */
  private entriesOfNew(
    sent: JsonObject,
    defaulted: KubernetesObject,
    { call, manager }: WriteRequest,
  ): readonly WireEntry[] {
    if (manager.operation === "Apply") return entriesIn(sent);
    const { now } = this.context(call);
    return entriesOfNew(defaulted, managerIdentity(call, manager), { kind: call.kind, now });
  }

  private withManagers(
    object: KubernetesObject,
    about: {
      readonly old: KubernetesObject;
      readonly given: JsonValue | undefined;
      readonly now: string;
    },
    { call, manager }: WriteRequest,
  ): KubernetesObject {
    const { old, given, now } = about;
    const entries =
      manager.operation === "Apply"
        ? settledEntries((given ?? []) as unknown as readonly WireEntry[], { old, object })
        : entriesAfterUpdate(
            { kind: call.kind, old, object, given, now },
            managerIdentity(call, manager),
          );
    return withEntries(object, entries);
  }

  /** Throws Invalid for `known` and for what the rules that take longer find. */
  private async check(
    about: { readonly object: KubernetesObject; readonly old: KubernetesObject | null },
    known: readonly FieldError[],
    { call, warnings }: WriteRequest,
  ): Promise<void> {
    const steps = call.view.strategy.checkInSteps?.({ ...about, errors: known });
    const found = steps === undefined ? null : await inSteps(steps);
    const errors = [...known, ...(found?.errors ?? [])];
    if (errors.length > 0) {
      throw new ApiFailure(invalidObject(call.kind, about.object.metadata.name, errors));
    }
    for (const text of found?.warnings ?? []) if (!warnings.includes(text)) warnings.push(text);
  }

  private checkStructure({ kind }: ResourceCall, object: KubernetesObject): void {
    const errors = validateShape(kind, object);
    if (errors.length > 0) throw new ApiFailure(invalidObject(kind, object.metadata.name, errors));
  }

  private warn(object: KubernetesObject, { call, warnings }: WriteRequest): void {
    for (const text of call.view.strategy.warnings?.(object) ?? []) {
      if (!warnings.includes(text)) warnings.push(text);
    }
  }

  private context({ request }: ResourceCall): StrategyContext {
    return { now: formatTime(this.deps.clock.nowMs()), user: request.identity };
  }

  /** Events end with a lease of the store instead of being collected. */
  private async leaseOf(resource: string, dryRun: boolean): Promise<{ lease?: number }> {
    if (resource !== "events" || dryRun) return {};
    return { lease: await this.eventLeases.current() };
  }
}

function bodyOf({ body }: UpdateRequest): Partial<AdmissionAttributes> {
  return body === undefined ? {} : { bodyKind: body.kind, lens: body.lens };
}

/** The object in the namespace of the path. Throws 400 when it names another. */
export function inNamespaceOf(call: ResourceCall, object: JsonObject): JsonObject {
  const given = textOf(metadataOf(object)["namespace"]);
  const { namespace } = call.info;
  if (!call.kind.namespaced) return object;
  if (given !== "" && given !== namespace) {
    const text =
      "the namespace of the provided object does not match the namespace sent on the request";
    throw new ApiFailure(badRequest(text));
  }
  return withMetadata(object, { namespace });
}

/** A text field of a decoded object; "" when absent. */
export function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

export function metadataOf(object: JsonObject): JsonObject {
  const { metadata } = object;
  const isObject = typeof metadata === "object" && metadata !== null && !Array.isArray(metadata);
  return isObject ? (metadata as JsonObject) : {};
}

export function withMetadata(
  object: JsonObject,
  fields: JsonObject,
): JsonObject & KubernetesObject {
  const metadata = { ...metadataOf(object), ...fields };
  return { ...object, metadata } as unknown as JsonObject & KubernetesObject;
}

/** The managedFields of an object that an apply made. */
function entriesIn(object: JsonObject): readonly WireEntry[] {
  return (metadataOf(object)["managedFields"] ?? []) as unknown as readonly WireEntry[];
}

/** What a client may not say of a new object. */
function stripServerFields(object: JsonObject): JsonObject {
  const {
    deletionTimestamp: _timestamp,
    deletionGracePeriodSeconds: _grace,
    selfLink: _link,
    managedFields: _fields,
    ...metadata
  } = metadataOf(object);
  return { ...object, metadata };
}

/** Fills in what only the server sets and a client may leave out. */
function carryServerFields(
  object: JsonObject,
  old: KubernetesObject,
): JsonObject & KubernetesObject {
  const { managedFields: _fields, selfLink: _link, ...given } = metadataOf(object);
  const kept: Record<string, unknown> = {};
  for (const field of CARRIED_FIELDS) {
    const value = given[field] ?? (old.metadata as unknown as JsonObject)[field];
    if (value !== undefined) kept[field] = value;
  }
  const { generation, resourceVersion } = old.metadata;
  const metadata = {
    ...given,
    ...kept,
    resourceVersion,
    ...(generation === undefined ? {} : { generation }),
  };
  return { ...object, metadata } as unknown as JsonObject & KubernetesObject;
}

const CARRIED_FIELDS = [
  "name",
  "namespace",
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
];

/** Name, uid and resourceVersion that a write carries must be those of the object. */
function checkIdentity(call: ResourceCall, wanted: JsonObject, old: KubernetesObject): void {
  const metadata = metadataOf(wanted);
  const uid = textOf(metadata["uid"]);
  if (uid !== "" && uid !== old.metadata.uid) {
    const text =
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ` +
      `${old.metadata.uid}`;
    throw new ApiFailure(conflict(call.view.id, old.metadata.name, text));
  }
  const version = textOf(metadata["resourceVersion"]);
  const none = version === "" || version === "0";
  if (none && call.view.strategy.requiresResourceVersion === true) {
    throw new ApiFailure(invalidVersion(call.kind, old.metadata.name));
  }
  if (!none && version !== old.metadata.resourceVersion) {
    throw new ApiFailure(conflict(call.view.id, old.metadata.name));
  }
}

function both(a: WriteExtras, b: WriteExtras): WriteExtras {
  return {
    ...a,
    guards: [...(a.guards ?? []), ...(b.guards ?? [])],
    ops: [...(a.ops ?? []), ...(b.ops ?? [])],
  };
}

function merge(extras: WriteExtras, guards: readonly Guard[]): WriteExtras {
  return { ...extras, guards: [...(extras.guards ?? []), ...guards] };
}

function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiFailure && error.status.reason === alreadyExistsReason;
}
const alreadyExistsReason = alreadyExists({ group: "", resource: "" }, "").reason;
