import { expired, notFound, tooLargeResourceVersion } from "../../api/machinery/status.js";
import type { Clock } from "../../base/clock.js";
import { hasCode } from "../../base/errors.js";
import type { Store } from "../../consensus/consensus.js";
import { ApiFailure } from "../server/api-failure.js";
import { nextTurn } from "../server/waiting.js";
import type { Freshness } from "./freshness.js";
import { type ObjectName, type ResourceId, objectKey, prefixEnd, resourcePrefix } from "./keys.js";
import {
  type Consistency,
  type ContinueToken,
  encodeContinue,
  expiredToken,
} from "./list-options.js";
import type { CachedObject, ResourceCache } from "./resource-cache.js";
import { type Selection, selectedOf, selects } from "./selection.js";
import type { WatchCache } from "./watch-cache.js";

/** A page of a list. */
export interface ListPage {
  readonly objects: readonly CachedObject[];
  /** The state that the page, and every page after it, shows. */
  readonly revision: number;
  /** Null: this was the last page. */
  readonly next: string | null;
  /** How many objects follow; null when it is not known because a selector decides. */
  readonly remaining: number | null;
}

export interface PageRequest extends Consistency {
  readonly limit: number;
  readonly continueFrom: ContinueToken | null;
}

/** How long a read waits for a revision that this server has not seen yet; as in Kubernetes. */
const FUTURE_WAIT_MS = 3_000;
/** Objects looked at in one synchronous stretch. */
const SELECT_BATCH = 4_000;
const HISTORY_PAGE = 1_000;

/**
 * Reads from the watch cache at the revision a client asked for, and from the store's history where
 * it must.
 */
export class Reader {
  private readonly cache: WatchCache;
  private readonly freshness: Freshness;
  private readonly store: Store;
  private readonly clock: Clock;

  constructor(deps: { cache: WatchCache; freshness: Freshness; store: Store; clock: Clock }) {
    this.cache = deps.cache;
    this.freshness = deps.freshness;
    this.store = deps.store;
    this.clock = deps.clock;
  }

  /** Throws NotFound. */
  async get(
    id: ResourceId,
    at: ObjectName,
    options: { readonly revision: number | null; readonly signal: AbortSignal },
  ): Promise<CachedObject> {
    await this.reach({ revision: options.revision, match: "" }, options.signal);
    const found = this.cache.of(id).get(objectKey(id, at));
    if (found === undefined) throw new ApiFailure(notFound(id, at.name));
    return found;
  }

  /** Throws Expired (410) for a revision that is gone, Timeout for one that does not come. */
  async list(
    id: ResourceId,
    selection: Selection,
    options: PageRequest & { readonly signal: AbortSignal },
  ): Promise<ListPage> {
    const { continueFrom, signal } = options;
    const exact = continueFrom !== null ? continueFrom.revision : exactRevision(options);
    await this.reach(continueFrom === null ? options : NEWEST, signal);
    const cache = this.cache.of(id);
    const revision = exact > 0 ? exact : this.cache.revision;
    // Nothing of this resource changed since: the cache shows the same state.
    const current = revision >= cache.contentRevision && revision <= this.cache.revision;
    try {
      if (continueFrom !== null && exact > 0) await this.expectHistory(exact);
      if (current) return this.page(cache, selection, { ...options, revision });
      return await this.pageOfHistory(id, selection, { ...options, revision });
    } catch (error) {
      if (!hasCode(error, "Compacted")) throw error;
      throw new ApiFailure(continueFrom === null ? GONE : expiredToken(continueFrom));
    }
  }

  /**
   * Throws Compacted. The cache could go on with a token for as long as nothing of its kind
   * changes, but how long tokens are good would then differ from kind to kind.
   */
  private async expectHistory(revision: number): Promise<void> {
    const key = Buffer.from([0]);
    await this.store.range({ key, revision, limit: 1, serializable: true });
  }

  /** Waits until the cache is as new as asked for. */
  async reach(wanted: Consistency, signal: AbortSignal): Promise<void> {
    if (wanted.revision === 0 && this.cache.ready) return;
    if (wanted.revision === null || wanted.revision === 0) {
      await this.freshness.wait(signal);
      return;
    }
    const { revision } = wanted;
    if (await this.reachWithin(revision, signal)) return;
    const current = String(this.cache.revision);
    throw new ApiFailure(tooLargeResourceVersion(String(revision), current), {
      "retry-after": "1",
    });
  }

  private async reachWithin(revision: number, signal: AbortSignal): Promise<boolean> {
    if (this.cache.ready && this.cache.revision >= revision) return true;
    const late = new AbortController();
    const cancel = this.clock.schedule(FUTURE_WAIT_MS, () => late.abort());
    try {
      return await this.cache.waitFor(revision, AbortSignal.any([signal, late.signal]));
    } finally {
      cancel();
    }
  }

  private async page(
    cache: ResourceCache,
    selection: Selection,
    options: PageRequest & { readonly revision: number },
  ): Promise<ListPage> {
    const { limit, continueFrom, revision } = options;
    const { namespace, interest } = selection;
    const start = continueFrom === null ? undefined : cache.prefix + continueFrom.start;
    const candidates = this.candidates(cache, { namespace, interest, start });
    if (limit === 0) {
      const objects = await selectedOf(candidates, selection);
      return { objects, revision, next: null, remaining: null };
    }
    const objects: CachedObject[] = [];
    for (let at = 0; at < candidates.length; at += 1) {
      const candidate = candidates[at];
      if (candidate === undefined || !selects(selection, candidate)) continue;
      if (objects.length === limit) {
        const remaining = selection.everything ? candidates.length - at : null;
        const from = candidate.key.slice(cache.prefix.length);
        return { objects, revision, next: encodeContinue({ revision, start: from }), remaining };
      }
      objects.push(candidate);
      // The candidates are a copy: what changes meanwhile does not change them.
      if (at % SELECT_BATCH === SELECT_BATCH - 1) await nextTurn();
    }
    return { objects, revision, next: null, remaining: null };
  }

  private candidates(
    cache: ResourceCache,
    scope: Pick<Selection, "namespace" | "interest"> & { start: string | undefined },
  ): CachedObject[] {
    const { namespace, interest, start } = scope;
    const from = start === undefined ? {} : { start };
    return cache.list({ namespace, indexed: interest.indexed, ...from });
  }

  /** A state that the cache does not hold any more, read from the store in pages of its own. */
  private async pageOfHistory(
    id: ResourceId,
    selection: Selection,
    options: PageRequest & { readonly revision: number },
  ): Promise<ListPage> {
    const { limit, revision, continueFrom } = options;
    const root = resourcePrefix(id);
    const rangeEnd = prefixEnd(resourcePrefix(id, selection.namespace));
    let key = Buffer.from(
      continueFrom === null ? resourcePrefix(id, selection.namespace) : root + continueFrom.start,
    );
    const objects: CachedObject[] = [];
    for (;;) {
      const read = await this.store.range({ key, rangeEnd, revision, limit: HISTORY_PAGE });
      for (const [at, kv] of read.kvs.entries()) {
        const object = this.cache.toObject(id, kv);
        if (object === null || !selects(selection, object)) continue;
        if (limit > 0 && objects.length === limit) {
          const start = object.key.slice(root.length);
          const remaining = selection.everything ? read.count - at : null;
          return { objects, revision, next: encodeContinue({ revision, start }), remaining };
        }
        objects.push(object);
      }
      const last = read.kvs.at(-1);
      if (!read.more || last === undefined)
        return { objects, revision, next: null, remaining: null };
      key = Buffer.concat([last.key, Buffer.from([0])]);
    }
  }
}

const NEWEST: Consistency = { revision: null, match: "" };
const GONE = expired("The resourceVersion for the provided list is too old.");

/** The one revision a list wants, or -1 when any new enough will do. */
function exactRevision({ revision, match, limit }: PageRequest): number {
  if (revision === null || revision === 0) return -1;
  // A limit without a match has always meant: exactly this one.
  return match === "Exact" || (match === "" && limit > 0) ? revision : -1;
}
