import { isAlreadyExists, isNotFound } from "../../api/client/api-error.js";
import type { ApiClient, ResourceType } from "../../api/client/client-types.js";
import { BY_CONTROLLER_UID, type Lister, orphansOf } from "../../api/client/indexer.js";
import { CONTROLLER_REVISIONS } from "../../api/client/resource-types.js";
import type { Selector } from "../../api/machinery/selectors.js";
import type { ControllerRevision } from "../../api/schema/types/apps-v1.gen.js";
import { carryOutClaim, controllerOf, planClaim } from "./controller-ref.js";
import { planRevision, sameRevision, type Templated } from "./revisions.js";

/** The history of an object's template, and its newest entry. */
export interface RevisionHistory {
  readonly update: ControllerRevision;
  /** The newest included. */
  readonly all: readonly ControllerRevision[];
  readonly collisionCount: number;
  /** What was written for it; the cache may not show it yet. */
  readonly written: readonly ControllerRevision[];
}

/** Whose history it is. */
export interface HistoryOwner {
  readonly owner: Templated;
  readonly ownerType: ResourceType<Templated>;
  readonly selector: Selector;
  readonly collisionCount: number;
}

/** Names that were taken, before the controller gives up for this time. */
const COLLISIONS_MAX = 10;

/** Brings the history in line with the template: claims, renumbers or makes a revision. */
export async function syncHistory(
  deps: { readonly client: ApiClient; readonly revisions: Lister<ControllerRevision> },
  of: HistoryOwner,
  signal: AbortSignal,
): Promise<RevisionHistory> {
  const { client, revisions } = deps;
  const { owner, ownerType, selector } = of;
  const { namespace = "", uid } = owner.metadata;
  const candidates = [
    ...revisions.byIndex(BY_CONTROLLER_UID, uid),
    ...revisions.byIndex(BY_CONTROLLER_UID, orphansOf(namespace)),
  ];
  const claim = planClaim(owner, selector, candidates);
  const known = await carryOutClaim(
    client,
    { owner, ownerType, type: CONTROLLER_REVISIONS },
    { plan: claim, signal },
  );
  const adopted = known.slice(claim.owned.length);
  let { collisionCount } = of;
  for (let attempt = 0; ; attempt += 1) {
    const plan = planRevision(owner, known, collisionCount);
    if (plan.kind === "keep")
      return { update: plan.revision, all: known, collisionCount, written: adopted };
    if (plan.kind === "renumber") {
      const resource = client.resource(CONTROLLER_REVISIONS);
      const update = await resource.update(plan.revision, { signal });
      const all = known.map((each) => (each.metadata.uid === update.metadata.uid ? update : each));
      return { update, all, collisionCount, written: [...adopted, update] };
    }
    try {
      const resource = client.resource(CONTROLLER_REVISIONS);
      const update = await resource.create(plan.revision, { signal });
      return { update, all: [...known, update], collisionCount, written: [...adopted, update] };
    } catch (error) {
      if (!isAlreadyExists(error) || attempt >= COLLISIONS_MAX) throw error;
      const { name = "" } = plan.revision.metadata;
      const found = await client.resource(CONTROLLER_REVISIONS).get(name, { namespace, signal });
      const isOurs = controllerOf(found)?.uid === uid;
      if (isOurs && sameRevision(found, plan.revision))
        return { update: found, all: [...known, found], collisionCount, written: adopted };
      collisionCount += 1;
    }
  }
}

/** Deletes revisions that are no longer needed. */
export async function removeRevisions(
  client: ApiClient,
  revisions: readonly ControllerRevision[],
  signal: AbortSignal,
): Promise<void> {
  for (const { metadata } of revisions) {
    const { name, namespace = "", uid } = metadata;
    try {
      await client.resource(CONTROLLER_REVISIONS).delete(name, { namespace, uid, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
