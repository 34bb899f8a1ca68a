import {
  alreadyExists,
  conflict,
  internalError,
  notFound,
  requestTooLarge,
} from "../../api/machinery/status.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import { assert } from "../../base/assert.js";
import type { Compare, LeaseId, Op, Store } from "../../consensus/consensus.js";
import { ApiFailure } from "../server/api-failure.js";
import { type ObjectName, type ResourceId, objectKey } from "./keys.js";
import { type EncodedObject, encodeForStore, spliceRevision } from "./stored-bytes.js";
import type { WatchCache } from "./watch-cache.js";

/** An object as stored. `object` is what `value` holds, and never changed. */
export interface StoredObject {
  readonly value: Buffer;
  readonly revision: number;
  readonly object: KubernetesObject;
}

/**
 * A condition beside the object itself, such as the fence of an elected loop or an address nobody
 * else may hold.
 */
export interface Guard {
  readonly compare: Compare;
  /**
   * True: the write is planned again when the condition did not hold, because another value may do.
   */
  readonly drawAgain?: boolean;
  /** What the caller is told when the condition did not hold. */
  readonly failure: () => ApiFailure;
}

/** What goes into the same transaction as the object. */
export interface WriteExtras {
  readonly guards?: readonly Guard[];
  readonly ops?: readonly Op[];
  /** The object is deleted when this lease of the store ends. */
  readonly lease?: LeaseId;
}

/** What to store instead of the current object; `null` deletes it. */
export interface Replacement extends WriteExtras {
  readonly object: object | null;
  /** What a deletion answers with, where that is not what was stored. */
  readonly last?: object;
}

/** The largest object, and with it the largest transaction that carries one. */
export const OBJECT_BYTES_MAX = 1.5 * 1024 * 1024;
/** A write that loses this many races in a row is given up with a Conflict. */
const ATTEMPTS_MAX = 64;

/**
 * Reads and writes of single objects. A write takes the object from the cache, which may be old,
 * and relies on the transaction's compare; only a refusal is checked against the store before it is
 * believed.
 */
export class Storage {
  private readonly store: Store;
  private readonly cache: WatchCache;

  constructor(deps: { store: Store; cache: WatchCache }) {
    this.store = deps.store;
    this.cache = deps.cache;
  }

  /**
   * Throws AlreadyExists, or what a guard says. `plan` gives the object, which carries name and uid
   * already; it is asked again when a value that it drew is taken.
   */
  async create(
    id: ResourceId,
    options: {
      readonly plan: (attempt: number) => Promise<WriteExtras & { object: KubernetesObject }>;
      readonly dryRun: boolean;
    },
  ): Promise<StoredObject> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const { object, guards = [], ops = [], lease } = await options.plan(attempt);
      const key = keyOf(id, object.metadata);
      const encoded = encode(object);
      if (options.dryRun) {
        if ((await this.readKey(key)) !== null) throw existsFailure(id, object.metadata.name);
        return { value: encoded.value, revision: 0, object };
      }
      const absent: Guard = {
        compare: { target: "createRevision", key, result: "=", value: 0 },
        failure: () => existsFailure(id, object.metadata.name),
      };
      const put: Op = { type: "put", key, ...encoded, ...(lease === undefined ? {} : { lease }) };
      const revision = await this.commit([put, ...ops], [absent, ...guards]);
      if (revision !== LOST_RACE) return written({ encoded, object }, revision);
    }
    throw new ApiFailure(internalError("the write lost too many races in a row"));
  }

  /** The newest object, asked of the store itself, or null. */
  async read(id: ResourceId, at: ObjectName): Promise<StoredObject | null> {
    return this.readKey(Buffer.from(objectKey(id, at)));
  }

  /**
   * Replaces an object by what `decide` makes of it, again and again until nobody else wrote in
   * between. `decide` may be called several times and must do nothing but decide; what it throws is
   * believed only of the newest object. Throws NotFound when there is none. A replacement equal to
   * the current object is not written. Returns the object as it is now; when it was deleted `last`,
   * or what it was.
   */
  async update(
    id: ResourceId,
    at: ObjectName,
    options: {
      readonly decide: (
        current: StoredObject,
        attempt: number,
      ) => Promise<Replacement> | Replacement;
      readonly dryRun: boolean;
    },
  ): Promise<StoredObject> {
    const key = Buffer.from(objectKey(id, at));
    let { current, newest } = await this.start(id, key);
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      if (current === null) throw new ApiFailure(notFound(id, at.name));
      try {
        const written = await this.attempt(key, current, {
          replacement: await options.decide(current, attempt),
          dryRun: options.dryRun,
        });
        if (written !== null) return written;
      } catch (error) {
        if (newest) throw error;
      }
      current = await this.readKey(key);
      newest = true;
    }
    throw new ApiFailure(conflict(id, at.name));
  }

  private async start(
    id: ResourceId,
    key: Buffer,
  ): Promise<{ current: StoredObject | null; newest: boolean }> {
    const cached = this.cache.of(id).get(key.toString("latin1"));
    if (cached === undefined) return { current: await this.readKey(key), newest: true };
    return { current: decoded(cached.value, cached.revision), newest: false };
  }

  /** Null when somebody else wrote first. */
  private async attempt(
    key: Buffer,
    current: StoredObject,
    wish: { readonly replacement: Replacement; readonly dryRun: boolean },
  ): Promise<StoredObject | null> {
    const { object, last, guards = [], ops = [], lease } = wish.replacement;
    const encoded = object === null ? null : encode(object as KubernetesObject);
    const unchanged =
      encoded !== null && object !== null && sameObject({ encoded, object }, current);
    if ((unchanged && ops.length === 0) || (wish.dryRun && encoded === null))
      return last === undefined ? current : atRevision(last, current.revision);
    if (wish.dryRun && encoded !== null) {
      return decoded(spliceRevision(encoded, current.revision), current.revision);
    }
    const same: Compare = { target: "modRevision", key, result: "=", value: current.revision };
    const own: Op =
      encoded === null
        ? { type: "delete", key }
        : { type: "put", key, ...encoded, ...(lease === undefined ? {} : { lease }) };
    const revision = await this.commit([own, ...ops], guards, same);
    if (revision === LOST_RACE) return null;
    if (encoded === null || object === null)
      return last === undefined ? current : atRevision(last, current.revision);
    return written({ encoded, object }, revision);
  }

  /**
   * One transaction. Returns its revision, or LOST_RACE when only `race` did not hold. When a guard
   * did not hold, throws what that guard says.
   */
  private async commit(
    success: readonly Op[],
    guards: readonly Guard[],
    race?: Compare,
  ): Promise<number> {
    const compares = guards.map((guard) => guard.compare);
    if (race !== undefined) compares.push(race);
    const response = await this.store.txn({ compares, success });
    if (response.succeeded) return response.revision;
    for (const guard of guards) {
      const probe = await this.store.txn({ compares: [guard.compare], success: [] });
      if (probe.succeeded) continue;
      if (guard.drawAgain === true) return LOST_RACE;
      throw guard.failure();
    }
    return LOST_RACE;
  }

  private async readKey(key: Buffer): Promise<StoredObject | null> {
    const { kvs } = await this.store.range({ key });
    const [kv] = kvs;
    return kv === undefined ? null : decoded(kv.value, kv.modRevision);
  }
}

const LOST_RACE = -1;

/** Decodes stored bytes. They come from the store: that they parse is an invariant, not a hope. */
export function decoded(value: Buffer, revision: number): StoredObject {
  return { value, revision, object: JSON.parse(value.toString()) as KubernetesObject };
}

/** What was written, as it would be decoded: reading the bytes again would tell nothing new. */
function written(
  { encoded, object }: { readonly encoded: EncodedObject; readonly object: object },
  revision: number,
): StoredObject {
  const whole = object as KubernetesObject;
  const metadata = { ...whole.metadata, resourceVersion: String(revision) };
  return { value: spliceRevision(encoded, revision), revision, object: { ...whole, metadata } };
}

function keyOf(id: ResourceId, metadata: { name: string; namespace?: string }): Buffer {
  assert(metadata.name !== "", "an object is stored under its name");
  return Buffer.from(objectKey(id, { namespace: metadata.namespace ?? "", name: metadata.name }));
}

function encode(object: KubernetesObject): EncodedObject {
  const encoded = encodeForStore(object);
  if (encoded.value.length > OBJECT_BYTES_MAX) {
    throw new ApiFailure(requestTooLarge(OBJECT_BYTES_MAX));
  }
  return encoded;
}

function existsFailure(id: ResourceId, name: string): ApiFailure {
  return new ApiFailure(alreadyExists(id, name));
}

/** True when storing the object would change nothing but the order of fields. */
function sameObject(
  { encoded, object }: { readonly encoded: EncodedObject; readonly object: object },
  current: StoredObject,
): boolean {
  const bytes = spliceRevision(encoded, current.revision);
  // Another order of fields does not change the length.
  if (bytes.length !== current.value.length) return false;
  if (bytes.equals(current.value)) return true;
  const { metadata } = object as KubernetesObject;
  const { resourceVersion } = current.object.metadata;
  return sameValue({ ...object, metadata: { ...metadata, resourceVersion } }, current.object);
}

/** True for the same JSON; what is undefined is not there. What both share is not looked into. */
function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key of Object.keys(left)) {
    if (!sameValue(left[key], Object.hasOwn(right, key) ? right[key] : undefined)) return false;
  }
  return Object.keys(right).every((key) => right[key] === undefined || Object.hasOwn(left, key));
}

/** An object as it would have been stored. */
function atRevision(object: object, revision: number): StoredObject {
  return decoded(spliceRevision(encode(object as KubernetesObject), revision), revision);
}
