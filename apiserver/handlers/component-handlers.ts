import { notFound } from "../../api/machinery/status.js";
import { messageOf } from "../../base/errors.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiResponse } from "../server/http-types.js";
import { parseListOptions } from "../storage/list-options.js";
import type { CachedObject } from "../storage/resource-cache.js";
import { parseSelection, selectedOf } from "../storage/selection.js";
import type { HandlerDeps, ResourceCall } from "./deps.js";
import { holdKey } from "./fence.js";
import { encoderFor, listResponse, objectResponse } from "./output.js";
import { orFail } from "./read-handlers.js";

/** What became of asking a part of the control plane. */
interface Finding {
  readonly healthy: boolean;
  readonly message: string;
  readonly error: string;
}

/**
 * The parts that ComponentStatus reports, each under the name that Kubernetes has for it; the store
 * has none there. A loop is healthy while somebody leads it.
 */
const PARTS: ReadonlyMap<string, (deps: HandlerDeps) => Promise<Finding>> = new Map([
  ["consensus", askStore],
  ["controller-manager", askLeader("kube-controller-manager")],
  ["scheduler", askLeader("kube-scheduler")],
]);

/** GET of the health of one part of the control plane. Throws 404 for a name that is none. */
export async function getComponent(call: ResourceCall, deps: HandlerDeps): Promise<ApiResponse> {
  const encoder = encoderFor(call, deps);
  const { name } = call.info;
  const ask = PARTS.get(name);
  if (ask === undefined) throw new ApiFailure(notFound(call.info, name));
  return objectResponse(encoder, componentOf(name, await ask(deps)));
}

/** GET of the health of every part, or of those that selectors name. */
export async function listComponents(call: ResourceCall, deps: HandlerDeps): Promise<ApiResponse> {
  const encoder = encoderFor(call, deps);
  const options = orFail(parseListOptions(call.request.query, "list"));
  const scope = { namespace: "", name: "", fieldNames: [], indexField: null };
  const selection = orFail(parseSelection(options, scope));
  const all = await Promise.all(
    [...PARTS].map(async ([name, ask]) => componentOf(name, await ask(deps))),
  );
  return listResponse(encoder, await selectedOf(all, selection), {});
}

async function askStore({ store }: HandlerDeps): Promise<Finding> {
  try {
    await store.readIndex();
    return { healthy: true, message: "ok", error: "" };
  } catch (error) {
    return { healthy: false, message: "", error: messageOf(error) };
  }
}

function askLeader(lease: string): (deps: HandlerDeps) => Promise<Finding> {
  return async ({ store }) => {
    try {
      const { kvs } = await store.range({ key: holdKey("kube-system", lease) });
      if (kvs.length > 0) return { healthy: true, message: "ok", error: "" };
      return { healthy: false, message: "", error: `nobody holds the lease kube-system/${lease}` };
    } catch (error) {
      return { healthy: false, message: "", error: messageOf(error) };
    }
  };
}

function componentOf(name: string, { healthy, message, error }: Finding): CachedObject {
  const condition = {
    type: "Healthy",
    status: healthy ? "True" : "False",
    ...(message === "" ? {} : { message }),
    ...(error === "" ? {} : { error }),
  };
  const object = {
    kind: "ComponentStatus",
    apiVersion: "v1",
    metadata: { name, creationTimestamp: null },
    conditions: [condition],
  };
  const value = Buffer.from(JSON.stringify(object));
  return { key: name, namespace: "", name, value, revision: 0, labels: {}, fields: {} };
}
