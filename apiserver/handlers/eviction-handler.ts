import { badRequest, notFound, success } from "../../api/machinery/status.js";
import { formatTime } from "../../api/machinery/time.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { Eviction, PodDisruptionBudget } from "../../api/schema/types/policy-v1.gen.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiResponse } from "../server/http-types.js";
import { admitSent } from "./admission-attributes.js";
import { readObject } from "./body.js";
import { checkPreconditions } from "./deletion.js";
import { statusDocument } from "./delete-handlers.js";
import type { ResourceCall } from "./deps.js";
import { BUDGETS, planEviction, spendDisruption } from "./eviction-budget.js";
import { orFail } from "./read-handlers.js";
import { type WriteDeps, expectedType, withWarnings } from "./write-handlers.js";
import { type DeletePlan, parseDeleteOptions, parseWriteOptions } from "./write-options.js";

/** Kubernetes takes evictions of its v1beta1 too, for clients from before 1.22. */
const EVICTION = {
  ...expectedType({
    group: "policy",
    version: "v1",
    kind: "Eviction",
    typeName: "policy/v1.Eviction",
  }),
  olderVersions: ["policy/v1beta1"],
};

/** POST …/pods/NAME/eviction: deletes the pod as a client that respects its budget would. */
export async function evictPod(call: ResourceCall, deps: WriteDeps): Promise<ApiResponse> {
  const { query } = call.request;
  const options = orFail(parseWriteOptions(query, "CreateOptions"));
  const { object, warnings: notes } = await readObject(
    call.request,
    EVICTION,
    options.fieldValidation,
  );
  const warnings = [...notes];
  const { dryRun } = options;
  const sent = { operation: "CREATE", object, dryRun, warnings } as const;
  const eviction = (await admitSent(call, sent, deps)) as unknown as Eviction;
  const name = eviction.metadata?.name ?? call.info.name;
  if (name !== call.info.name) {
    throw new ApiFailure(badRequest("name in URL does not match name in Eviction object"));
  }
  const plan = orFail(parseDeleteOptions(new URLSearchParams(), eviction.deleteOptions ?? {}));
  const wish = { ...plan, dryRun: plan.dryRun || options.dryRun };
  const allowed = await askBudgets(call, wish, deps);
  await deps.writer.delete(call, allowed, { warnings, admitted: true });
  return withWarnings(statusDocument(call.request, { ...success(), code: 201 }), warnings);
}

/** Takes the disruption from the pod's budget; how to delete the pod. Throws 429 when none is left. */
async function askBudgets(
  call: ResourceCall,
  wish: DeletePlan,
  deps: WriteDeps,
): Promise<DeletePlan> {
  const found = await deps.storage.read(call.view.id, call.info);
  if (found === null) throw new ApiFailure(notFound(call.view.id, call.info.name));
  const pod = found.object as Pod;
  checkPreconditions(call.view.id, pod, wish);
  const { namespace = "", name, uid, resourceVersion } = pod.metadata;
  // A budget made a moment ago counts: the cache must have caught up.
  await deps.freshness.wait(call.request.signal);
  const budgets = deps.cache
    .of(BUDGETS)
    .list({ namespace, indexed: null })
    .map(({ value }) => JSON.parse(value.toString()) as PodDisruptionBudget);
  const eviction = planEviction(pod, budgets);
  if (eviction.type === "refuse") throw new ApiFailure(eviction.status);
  const now = formatTime(deps.clock.nowMs());
  if (eviction.type === "spend") {
    const at = { namespace, name: eviction.budgetName };
    await deps.storage.update(BUDGETS, at, {
      dryRun: wish.dryRun,
      decide: ({ object }) => {
        const spent = spendDisruption(object as PodDisruptionBudget, name, now);
        if (!spent.ok) throw new ApiFailure(spent.status);
        return { object: spent.budget };
      },
    });
  }
  const mustBeUnchanged = eviction.type === "deleteUnchanged";
  const same: DeletePlan = {
    ...wish,
    uid: wish.uid ?? uid,
    resourceVersion: wish.resourceVersion ?? (mustBeUnchanged ? resourceVersion : null),
  };
  const revision = await markAsDisrupted(call, { wish: same, now }, deps);
  // The mark is a version of the pod that the client cannot know.
  return { ...same, resourceVersion: mustBeUnchanged && !wish.dryRun ? String(revision) : null };
}

const DISRUPTION = {
  type: "DisruptionTarget",
  status: "True",
  reason: "EvictionByEvictionAPI",
  message: "Eviction API: evicting",
};

/**
 * Tells whoever looks at the pod later why it went, whether or not a budget had a say. Returns the
 * revision with the mark. Throws 409 when the pod is not the one that is wished away.
 */
async function markAsDisrupted(
  call: ResourceCall,
  { wish, now }: { readonly wish: DeletePlan; readonly now: string },
  deps: WriteDeps,
): Promise<number> {
  const { revision } = await deps.storage.update(call.view.id, call.info, {
    dryRun: wish.dryRun,
    decide: ({ object }) => {
      checkPreconditions(call.view.id, object, wish);
      const pod = object as Pod;
      const before = pod.status?.conditions ?? [];
      const others = before.filter(({ type }) => type !== DISRUPTION.type);
      const conditions = [...others, { ...DISRUPTION, lastTransitionTime: now }];
      return { object: { ...pod, status: { ...pod.status, conditions } } as Pod };
    },
  });
  return revision;
}
