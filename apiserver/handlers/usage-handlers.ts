import { formatQuantity, quantityFromWhole } from "../../api/machinery/quantity.js";
import { formatGoDuration } from "../../api/machinery/go-duration.js";
import { notFound } from "../../api/machinery/status.js";
import { formatTime } from "../../api/machinery/time.js";
import type { ContainerUsage, NodeUsage } from "../../gossip/usage.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiResponse } from "../server/http-types.js";
import { nextTurn } from "../server/waiting.js";
import type { ResourceId } from "../storage/keys.js";
import { parseListOptions } from "../storage/list-options.js";
import type { Reader } from "../storage/reader.js";
import type { CachedObject } from "../storage/resource-cache.js";
import { parseSelection } from "../storage/selection.js";
import type { HandlerDeps, ResourceCall } from "./deps.js";
import { encoderFor, listResponse, objectResponse } from "./output.js";
import { orFail } from "./read-handlers.js";

type Deps = HandlerDeps & { readonly reader: Reader };

/** Usage is a matter of seconds: whatever this server knows of nodes and pods will do. */
const ANY_STATE = { revision: 0, match: "" } as const;
/** Nodes or pods looked at in one synchronous stretch. */
const BATCH = 500;
/** Where pods are simulated, so is their usage. */
const SIMULATED = { annotations: { "raftsman.io/simulated": "true" } };

/** GET of the usage of one node or pod. */
export async function getUsage(call: ResourceCall, deps: Deps): Promise<ApiResponse> {
  const encoder = encoderFor(call, deps);
  const { signal } = call.request;
  const subject = await deps.reader.get(subjectOf(call), call.info, { revision: 0, signal });
  const found = usageOf(subject, call, deps);
  if (found === null) throw new ApiFailure(notFound(call.info, call.info.name));
  return objectResponse(encoder, found);
}

/** GET of the usage of all nodes or pods, or those that selectors name. */
export async function listUsage(call: ResourceCall, deps: Deps): Promise<ApiResponse> {
  const encoder = encoderFor(call, deps);
  const id = subjectOf(call);
  const options = orFail(parseListOptions(call.request.query, "list"));
  const { namespace } = call.info;
  const scope = { namespace, name: "", fieldNames: [], indexField: null };
  const selection = orFail(parseSelection(options, scope));
  const page = await deps.reader.list(id, selection, {
    ...ANY_STATE,
    limit: 0,
    continueFrom: null,
    signal: call.request.signal,
  });
  const found: CachedObject[] = [];
  for (const [at, subject] of page.objects.entries()) {
    if (at > 0 && at % BATCH === 0) await nextTurn();
    const usage = usageOf(subject, call, deps);
    if (usage !== null) found.push(usage);
  }
  return listResponse(encoder, found, {});
}

/** The nodes or pods themselves. */
function subjectOf({ kind }: ResourceCall): ResourceId {
  return { group: "", resource: kind.plural };
}

/** The usage as an object, with the labels of what it is the usage of; null: it is not known. */
function usageOf(subject: CachedObject, call: ResourceCall, deps: Deps): CachedObject | null {
  const measured =
    call.kind.plural === "nodes" ? nodeUsage(subject, deps) : podUsage(subject, deps);
  if (measured === null) return null;
  const { usage, fields } = measured;
  const { namespace, name, labels } = subject;
  const object = {
    kind: call.kind.kind,
    apiVersion: call.kind.apiVersion,
    metadata: {
      name,
      ...(namespace === "" ? {} : { namespace }),
      creationTimestamp: formatTime(call.request.receivedMs),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(usage.simulated ? SIMULATED : {}),
    },
    timestamp: formatTime(usage.atMs),
    window: formatGoDuration(usage.windowMs),
    ...fields,
  };
  return { ...subject, value: Buffer.from(JSON.stringify(object)) };
}

interface Measured {
  readonly usage: NodeUsage;
  readonly fields: object;
}

function nodeUsage({ name }: CachedObject, { usage, clock }: Deps): Measured | null {
  const found = usage.of(name, clock.monotonicMs());
  return found === null ? null : { usage: found, fields: { usage: amounts(found) } };
}

/**
 * What the node that the pod is bound to says of it. A node has no say in pods of another, nor in
 * one that took the name of one it had.
 */
function podUsage(subject: CachedObject, { usage, clock }: Deps): Measured | null {
  const node = usage.of(subject.fields["spec.nodeName"] ?? "", clock.monotonicMs());
  const pod = node?.pods.find(
    ({ namespace, name }) => name === subject.name && namespace === subject.namespace,
  );
  if (node === null || pod === undefined || pod.containers.length === 0) return null;
  // By its bytes: a list of thousands of pods must not parse them.
  if (!subject.value.includes(`"uid":"${pod.uid}"`)) return null;
  const containers = pod.containers.map((each) => ({ name: each.name, usage: amounts(each) }));
  return { usage: node, fields: { containers } };
}

function amounts({ cpuNanoCores, memoryBytes }: Omit<ContainerUsage, "name">): object {
  return {
    cpu: formatQuantity({ nanos: BigInt(cpuNanoCores), format: "DecimalSI" }),
    memory: formatQuantity(quantityFromWhole(BigInt(memoryBytes), "BinarySI")),
  };
}
