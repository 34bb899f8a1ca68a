import type { ApiClient } from "../../api/client/client-types.js";
import type { Lister } from "../../api/client/indexer.js";
import type { ObjectKey } from "../../api/client/object-key.js";
import { PERSISTENT_VOLUME_CLAIMS, PODS } from "../../api/client/resource-types.js";
import { CLAIM_PROTECTION } from "../../api/schema/storage/storage-names.js";
import type { PersistentVolumeClaim, Pod } from "../../api/schema/types/core-v1.gen.js";
import { mounts, podsOfClaim } from "../common/claim-pods.js";
import { changeFinalizer } from "../common/finalizers.js";
import type { Reconciler, Result } from "../controller.js";
import { isUser, planClaimProtection } from "./plan.js";

/** What the reconciler works with. */
export interface ClaimProtectionDeps {
  readonly client: ApiClient;
  readonly claims: Lister<PersistentVolumeClaim>;
  /** With the index BY_CLAIM. */
  readonly pods: Lister<Pod>;
}

/** Lets a deleted claim go once no pod uses it. */
export class ClaimProtectionReconciler implements Reconciler {
  private readonly deps: ClaimProtectionDeps;

  constructor(deps: ClaimProtectionDeps) {
    this.deps = deps;
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<Result> {
    const { client, claims, pods } = this.deps;
    const claim = claims.get(key);
    if (claim === undefined) return {};
    const isUsed = podsOfClaim(pods, claim).some(isUser);
    const what = planClaimProtection(claim, isUsed);
    if (what === "keep") return {};
    // A pod may have got its node a moment ago: the server is asked before data may go.
    if (what === "remove" && (await this.isUsedNow(claim, signal))) return {};
    const change = { what, finalizer: CLAIM_PROTECTION, signal };
    await changeFinalizer(client.resource(PERSISTENT_VOLUME_CLAIMS), claim, change);
    return {};
  }

  private async isUsedNow(claim: PersistentVolumeClaim, signal: AbortSignal): Promise<boolean> {
    const { namespace = "" } = claim.metadata;
    const { items } = await this.deps.client.resource(PODS).list({ namespace, signal });
    return items.some((pod) => isUser(pod) && mounts(pod, claim));
  }
}
