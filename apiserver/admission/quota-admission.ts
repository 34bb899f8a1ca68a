import { forbidden } from "../../api/machinery/status.js";
import type { KindInfo } from "../../api/schema/kinds.js";
import { isInScope } from "../../api/schema/quota/scopes.js";
import { type CountedResource, usageOf } from "../../api/schema/quota/usage.js";
import type { Pod, ResourceQuota } from "../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { Clock } from "../../base/clock.js";
import type { Op } from "../../consensus/consensus.js";
import { ApiFailure } from "../server/api-failure.js";
import { objectKey } from "../storage/keys.js";
import { encodeForStore } from "../storage/stored-bytes.js";
import type { Guard, Storage, WriteExtras } from "../storage/storage.js";
import type { WatchCache } from "../storage/watch-cache.js";
import { addedUsage, chargeQuota, unstatedResources } from "./quota.js";

const QUOTAS = { group: "", resource: "resourcequotas" };
/** Of these an update can take more than was taken before. */
const CHARGED_ON_UPDATE: readonly string[] = ["services", "persistentvolumeclaims"];

/** A write that may have to be charged. */
export interface ChargedWrite {
  readonly kind: KindInfo;
  readonly subresource: string;
  readonly namespace: string;
  readonly object: KubernetesObject;
  /** Null: it is created. */
  readonly old: KubernetesObject | null;
}

/**
 * Charges what is created to the quotas of its namespace, in the transaction that creates it: what
 * is refused, or loses a race, has cost nothing.
 */
export class QuotaAdmission {
  private readonly cache: WatchCache;
  private readonly storage: Storage;
  private readonly clock: Clock;
  /** Namespace → the end of its last write. */
  private readonly turns = new Map<string, Promise<void>>();

  constructor(deps: { cache: WatchCache; storage: Storage; clock: Clock }) {
    this.cache = deps.cache;
    this.storage = deps.storage;
    this.clock = deps.clock;
  }

  /**
   * Runs the writes of a namespace that has quotas one after the other: they would only lose races
   * for the same quota.
   */
  async inTurn<R>(namespace: string, write: () => Promise<R>): Promise<R> {
    if (this.namesIn(namespace).length === 0) return write();
    const before = this.turns.get(namespace);
    let end = (): void => {};
    const mine = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.turns.set(namespace, mine);
    try {
      await before;
      return await write();
    } finally {
      end();
      if (this.turns.get(namespace) === mine) this.turns.delete(namespace);
    }
  }

  /** What goes into the transaction of the write. Throws Forbidden with the numbers. */
  async charge(write: ChargedWrite): Promise<WriteExtras> {
    const { kind, namespace, object, old, subresource } = write;
    if (namespace === "" || !isCharged(write)) return {};
    const names = this.namesIn(namespace);
    if (names.length === 0) return {};
    const of = { group: kind.group, resource: kind.plural };
    const nowMs = this.clock.nowMs();
    const usage = usageOf(of, object, nowMs);
    const before = old === null ? null : usageOf(of, old, nowMs);
    const grown = addedUsage(usage, before);
    const guards: Guard[] = [];
    const ops: Op[] = [];
    for (const name of names) {
      // The cache may lack the charge before this one.
      const stored = await this.storage.read(QUOTAS, { namespace, name });
      if (stored === null) continue;
      const quota = stored.object as ResourceQuota;
      if (!isInScope(quota, of, object)) continue;
      // A quota that did not count the object before is charged for all of it.
      const added = old === null || isInScope(quota, of, old) ? grown : usage;
      if (added.size === 0) continue;
      const unstated =
        kind.kind === "Pod" && subresource === "" ? unstatedResources(quota, object as Pod) : null;
      if (unstated !== null) throw refused(of, object, unstated);
      const charge = chargeQuota(quota, added);
      if (!charge.ok) throw refused(of, object, charge.message);
      if (charge.quota === null) continue;
      const key = Buffer.from(objectKey(QUOTAS, { namespace, name }));
      ops.push({ type: "put", key, ...encodeForStore(charge.quota) });
      guards.push({
        compare: { target: "modRevision", key, result: "=", value: stored.revision },
        drawAgain: true,
        failure: () => refused(of, object, `quota ${name} was changed`),
      });
    }
    return { guards, ops };
  }

  private namesIn(namespace: string): string[] {
    const cached = this.cache.of(QUOTAS).list({ namespace, indexed: null });
    return cached.map(({ name }) => name);
  }
}

function isCharged({ kind, subresource, old }: ChargedWrite): boolean {
  if (kind.plural === "events") return false;
  if (old === null) return subresource === "";
  if (kind.group !== "") return false;
  // What pods ask for changes through `resize` alone.
  if (kind.plural === "pods") return subresource === "resize";
  return subresource === "" && CHARGED_ON_UPDATE.includes(kind.plural);
}

function refused(of: CountedResource, { metadata }: KubernetesObject, text: string): ApiFailure {
  return new ApiFailure(forbidden(of, metadata.name, text));
}
