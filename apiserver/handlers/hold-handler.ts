import { invalid, required } from "../../api/machinery/field-errors.js";
import { badRequest, failure, invalidObject, success } from "../../api/machinery/status.js";
import { methodNotAllowedHere } from "../../api/machinery/status.js";
import { formatMicroTime, formatTime } from "../../api/machinery/time.js";
import type { Lease } from "../../api/schema/types/coordination-v1.gen.js";
import { hasCode } from "../../base/errors.js";
import type { Compare, KeyValue, LeaseId } from "../../consensus/consensus.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiRequest, ApiResponse } from "../server/http-types.js";
import { jsonResponse, statusResponse } from "../server/responses.js";
import { objectKey } from "../storage/keys.js";
import { type StoredObject, decoded } from "../storage/storage.js";
import { encodeForStore, spliceRevision } from "../storage/stored-bytes.js";
import type { HandlerDeps, ResourceCall } from "./deps.js";
import { holdKey, holdValue } from "./fence.js";

/** Names the store lease that a Lease rests on. */
export const STORE_LEASE_ANNOTATION = "raftsman.io/store-lease";

interface HoldWish {
  readonly holderIdentity: string;
  readonly leaseDurationSeconds: number;
}

interface HoldState {
  readonly lease: StoredObject | null;
  readonly hold: KeyValue | null;
  /** True: somebody holds it now, by the clock of the store's leader. */
  readonly held: boolean;
}

const BODY_BYTES_MAX = 16 * 1024;
const DURATION_SECONDS_MAX = 3_600;
const ATTEMPTS_MAX = 4;

/**
 * `…/leases/NAME/hold`: takes, keeps and gives back the leadership of a loop. Who holds it is
 * decided by a lease of the store, on its leader's clock; keeping it writes nothing, only a change
 * of holder is an entry in the log.
 */
export class HoldHandler {
  private readonly deps: HandlerDeps;

  constructor(deps: HandlerDeps) {
    this.deps = deps;
  }

  /**
   * PUT takes or keeps it: 200 and the Lease, or 409 when another holds it. DELETE gives it back.
   */
  async handle(call: ResourceCall): Promise<ApiResponse> {
    const { verb } = call.info;
    if (call.info.rest !== "" || (verb !== "update" && verb !== "delete")) {
      throw new ApiFailure(methodNotAllowedHere());
    }
    const wish = await readWish(call.request, verb === "update");
    return verb === "update" ? this.take(call, wish) : this.release(call, wish);
  }

  private async take(call: ResourceCall, wish: HoldWish): Promise<ApiResponse> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const state = await this.read(call);
      const taken = state.held
        ? await this.keep(call, state, wish)
        : await this.acquire(call, state, wish);
      if (taken === null) continue;
      const { namespace, name } = call.info;
      this.deps.renewTimes.renewed(`${namespace}/${name}`, this.deps.clock.nowMs());
      return jsonResponse(200, this.withRenewTime(taken));
    }
    throw new ApiFailure(heldByAnother(call, "another candidate"));
  }

  /** Null when it ended meanwhile. Throws 409 when it is somebody else's. */
  private async keep(
    call: ResourceCall,
    state: HoldState,
    wish: HoldWish,
  ): Promise<StoredObject | null> {
    const { lease, hold } = state;
    if (lease === null || hold === null) return null;
    const { holderIdentity = "", leaseDurationSeconds } = (lease.object as Lease).spec;
    if (holderIdentity !== wish.holderIdentity) {
      throw new ApiFailure(heldByAnother(call, holderIdentity));
    }
    // Another duration needs another store lease.
    if (leaseDurationSeconds !== wish.leaseDurationSeconds) return this.acquire(call, state, wish);
    try {
      await this.deps.store.leaseKeepAlive(hold.lease);
      return lease;
    } catch (error) {
      if (hasCode(error, "LeaseNotFound")) return null;
      throw error;
    }
  }

  /** Null when another candidate was faster. */
  private async acquire(
    call: ResourceCall,
    state: HoldState,
    wish: HoldWish,
  ): Promise<StoredObject | null> {
    const { store } = this.deps;
    const storeLease = await store.leaseGrant(wish.leaseDurationSeconds * 1000);
    let written: StoredObject | null = null;
    try {
      written = await this.write(call, state, { wish, storeLease });
    } finally {
      if (written === null) await this.revoke(storeLease);
    }
    if (written !== null && state.hold !== null) await this.revoke(state.hold.lease);
    return written;
  }

  private async write(
    call: ResourceCall,
    state: HoldState,
    taken: { readonly wish: HoldWish; readonly storeLease: LeaseId },
  ): Promise<StoredObject | null> {
    const { namespace, name } = call.info;
    const lease = this.leaseObject(call, state, taken);
    const encoded = encodeForStore(lease);
    const key = Buffer.from(objectKey(call.view.id, call.info));
    const value = holdValue({
      uid: lease.metadata.uid,
      transitions: lease.spec.leaseTransitions ?? 0,
    });
    const { succeeded, revision } = await this.deps.store.txn({
      compares: [
        unchanged(key, state.lease?.revision ?? 0),
        unchanged(holdKey(namespace, name), state.hold?.modRevision ?? 0),
      ],
      success: [
        { type: "put", key, ...encoded },
        { type: "put", key: holdKey(namespace, name), value, lease: taken.storeLease },
      ],
    });
    return succeeded ? decoded(spliceRevision(encoded, revision), revision) : null;
  }

  private leaseObject(
    call: ResourceCall,
    state: HoldState,
    taken: { readonly wish: HoldWish; readonly storeLease: LeaseId },
  ): Lease {
    const { namespace, name } = call.info;
    const nowMs = this.deps.clock.nowMs();
    const old = state.lease === null ? null : (state.lease.object as Lease);
    const before = old?.spec.leaseTransitions ?? 0;
    const annotations = {
      ...old?.metadata.annotations,
      [STORE_LEASE_ANNOTATION]: String(taken.storeLease),
    };
    const fresh = {
      name,
      namespace,
      uid: this.deps.newUid(),
      creationTimestamp: formatTime(nowMs),
      resourceVersion: "",
    };
    return {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { ...(old?.metadata ?? fresh), annotations },
      spec: {
        ...old?.spec,
        holderIdentity: taken.wish.holderIdentity,
        leaseDurationSeconds: taken.wish.leaseDurationSeconds,
        acquireTime: formatMicroTime(nowMs),
        renewTime: formatMicroTime(nowMs),
        // A holder that lost it and takes it again is a new one: what it sent before must fail.
        leaseTransitions: old === null ? 0 : before + 1,
      },
    };
  }

  private async release(call: ResourceCall, wish: HoldWish): Promise<ApiResponse> {
    const { lease, hold, held } = await this.read(call);
    if (!held || lease === null || hold === null) return statusResponse(success());
    const { holderIdentity = "" } = (lease.object as Lease).spec;
    if (holderIdentity !== wish.holderIdentity) {
      throw new ApiFailure(heldByAnother(call, holderIdentity));
    }
    await this.revoke(hold.lease);
    return statusResponse(success());
  }

  private async read(call: ResourceCall): Promise<HoldState> {
    const { namespace, name } = call.info;
    const [lease, range] = await Promise.all([
      this.deps.storage.read(call.view.id, call.info),
      this.deps.store.range({ key: holdKey(namespace, name) }),
    ]);
    const hold = range.kvs[0] ?? null;
    if (lease === null || hold === null) return { lease, hold, held: false };
    const { uid } = lease.object.metadata;
    const transitions = (lease.object as Lease).spec.leaseTransitions ?? 0;
    return { lease, hold, held: hold.value.equals(holdValue({ uid, transitions })) };
  }

  private async revoke(lease: LeaseId): Promise<void> {
    try {
      await this.deps.store.leaseRevoke(lease);
    } catch (error) {
      if (!hasCode(error, "LeaseNotFound")) throw error;
    }
  }

  private withRenewTime({ object }: StoredObject): Lease {
    const lease = object as Lease;
    return {
      ...lease,
      spec: { ...lease.spec, renewTime: formatMicroTime(this.deps.clock.nowMs()) },
    };
  }
}

function unchanged(key: Buffer, revision: number): Compare {
  return { target: "modRevision", key, result: "=", value: revision };
}

async function readWish(request: ApiRequest, withDuration: boolean): Promise<HoldWish> {
  const bytes = await request.readBody(BODY_BYTES_MAX);
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString());
  } catch {
    throw new ApiFailure(badRequest("the body is not JSON"));
  }
  const { holderIdentity, leaseDurationSeconds } = (body ?? {}) as Partial<HoldWish>;
  const errors = [];
  if (typeof holderIdentity !== "string" || holderIdentity === "") {
    errors.push(required("holderIdentity"));
  }
  const seconds = Number(leaseDurationSeconds);
  const fits = Number.isSafeInteger(seconds) && seconds > 0 && seconds <= DURATION_SECONDS_MAX;
  if (withDuration && !fits) {
    const text = `must be between 1 and ${DURATION_SECONDS_MAX}`;
    errors.push(invalid("leaseDurationSeconds", leaseDurationSeconds ?? null, text));
  }
  if (errors.length > 0) {
    throw new ApiFailure(invalidObject({ group: "coordination.k8s.io", kind: "Hold" }, "", errors));
  }
  return { holderIdentity: String(holderIdentity), leaseDurationSeconds: seconds };
}

function heldByAnother(call: ResourceCall, holder: string): ReturnType<typeof failure> {
  const { namespace, name } = call.info;
  const message = `the lease ${namespace}/${name} is held by ${JSON.stringify(holder)}`;
  return failure(409, "Conflict", message, {
    name,
    group: "coordination.k8s.io",
    kind: "leases",
    causes: [{ reason: "LeaseHeld", message: holder, field: "spec.holderIdentity" }],
  });
}
