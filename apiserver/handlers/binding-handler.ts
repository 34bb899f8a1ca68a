import { notSupported, required } from "../../api/machinery/field-errors.js";
import { conflict, invalidObject, success } from "../../api/machinery/status.js";
import { formatTime } from "../../api/machinery/time.js";
import { kindByResource } from "../../api/schema/kinds.js";
import type { ObjectReference, Pod, PodCondition } from "../../api/schema/types/core-v1.gen.js";
import type { ObjectMeta } from "../../api/schema/types/meta-v1.gen.js";
import { present } from "../../base/assert.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiResponse } from "../server/http-types.js";
import type { JsonObject } from "../../api/schema/wire-types.js";
import { admitSent } from "./admission-attributes.js";
import { readObject } from "./body.js";
import { statusDocument } from "./delete-handlers.js";
import type { ResourceCall } from "./deps.js";
import { fenceGuards } from "./fence.js";
import { kindView } from "./kind-view.js";
import { orFail } from "./read-handlers.js";
import { type WriteDeps, expectedType, withWarnings } from "./write-handlers.js";
import { parseWriteOptions } from "./write-options.js";

const BINDING = expectedType({
  group: "",
  version: "v1",
  kind: "Binding",
  typeName: "core/v1.Binding",
});

/** A Binding as a client sends it. */
interface Binding {
  readonly metadata?: ObjectMeta;
  readonly target: ObjectReference;
}

/** POST …/pods/NAME/binding: assigns a pod to a node, once. */
export async function bindPod(call: ResourceCall, deps: WriteDeps): Promise<ApiResponse> {
  const options = orFail(parseWriteOptions(call.request.query, "CreateOptions"));
  const { object, warnings } = await readObject(call.request, BINDING, options.fieldValidation);
  return bind(call, { binding: object, dryRun: options.dryRun, warnings: [...warnings] }, deps);
}

/** POST …/bindings: the same, the pod named by the binding. */
export async function bindFromCollection(
  call: ResourceCall,
  deps: WriteDeps,
): Promise<ApiResponse> {
  const options = orFail(parseWriteOptions(call.request.query, "CreateOptions"));
  const { object, warnings } = await readObject(call.request, BINDING, options.fieldValidation);
  const { metadata } = object as unknown as Binding;
  const kind = present(kindByResource("", "v1", "pods"), "kind Pod");
  const info = { ...call.info, resource: "pods", name: metadata?.name ?? "" };
  const podCall = {
    ...call,
    kind,
    view: kindView(kind),
    info: { ...info, subresource: "binding" },
  };
  const wish = { binding: object, dryRun: options.dryRun, warnings: [...warnings] };
  return bind(podCall, wish, deps);
}

async function bind(
  call: ResourceCall,
  wish: { readonly binding: JsonObject; readonly dryRun: boolean; readonly warnings: string[] },
  deps: WriteDeps,
): Promise<ApiResponse> {
  const sent = { ...wish, operation: "CREATE", object: wish.binding } as const;
  const binding = (await admitSent(call, sent, deps)) as unknown as Binding;
  checkBinding(binding, call.info.name);
  const guards = fenceGuards(call.request);
  // Nothing but the binding changes: the rules for edits of a pod do not apply.
  await deps.storage.update(call.view.id, call.info, {
    dryRun: wish.dryRun,
    decide: ({ object }) => ({
      object: bound(call, { pod: object as Pod, binding, nowMs: deps.clock.nowMs() }),
      guards,
    }),
  });
  const answer = statusDocument(call.request, { ...success(), code: 201 });
  return withWarnings(answer, wish.warnings);
}

function checkBinding({ target }: Binding, name: string): void {
  const errors = [];
  if ((target.kind ?? "") !== "" && target.kind !== "Node") {
    errors.push(notSupported("target.kind", target.kind, ["Node", "<empty>"]));
  }
  if ((target.name ?? "") === "") errors.push(required("target.name"));
  if (errors.length === 0) return;
  throw new ApiFailure(invalidObject({ group: "", kind: "Binding" }, name, errors));
}

/**
 * The pod on its node. Throws Conflict when it has one already, is going, or is not the one that
 * was meant.
 */
function bound(
  call: ResourceCall,
  wish: { readonly pod: Pod; readonly binding: Binding; readonly nowMs: number },
): Pod {
  const { pod, binding, nowMs } = wish;
  const { name, uid, resourceVersion } = pod.metadata;
  const { uid: wantedUid = "", resourceVersion: wantedVersion = "" } = binding.metadata ?? {};
  const refuse = (text: string): ApiFailure =>
    new ApiFailure(conflict({ group: "", resource: "pods/binding" }, name, text));
  if (wantedUid !== "" && wantedUid !== uid) {
    throw refuse(
      `Precondition failed: UID in precondition: ${wantedUid}, UID in object meta: ${uid}`,
    );
  }
  if (wantedVersion !== "" && wantedVersion !== resourceVersion) {
    throw new ApiFailure(conflict(call.view.id, name));
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  }
  const assigned = pod.spec.nodeName ?? "";
  if (assigned !== "") throw refuse(`pod ${name} is already assigned to node "${assigned}"`);
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      annotations: { ...pod.metadata.annotations, ...binding.metadata?.annotations },
    },
    spec: { ...pod.spec, nodeName: binding.target.name ?? "" },
    status: { ...pod.status, conditions: scheduledConditions(pod, nowMs) },
  };
}

function scheduledConditions(pod: Pod, nowMs: number): readonly PodCondition[] {
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== "PodScheduled");
  const before = pod.status?.conditions?.find(({ type }) => type === "PodScheduled");
  const since = before?.status === "True" ? before.lastTransitionTime : undefined;
  const lastTransitionTime = since ?? formatTime(nowMs);
  const { generation } = pod.metadata;
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  return [...others, { type: "PodScheduled", status: "True", lastTransitionTime, ...observed }];
}
